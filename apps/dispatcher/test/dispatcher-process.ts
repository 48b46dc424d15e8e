import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient, type DroverClient } from '@drover/management-api/client';
import * as z from 'zod';

const message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), url: z.string(), token: z.string() }),
  z.object({
    kind: z.literal('failed'),
    code: z.string(),
    message: z.string(),
    text: z.string(),
    fix: z.string().optional(),
  }),
  z.object({ kind: z.literal('ended'), why: z.string() }),
]);

type Message = z.infer<typeof message>;

/** Why a dispatcher did not start, in its own words. */
export type Refusal = Extract<Message, { kind: 'failed' }>;

/** The process of a dispatcher that may not be up yet. */
export interface LaunchedProcess {
  readonly pid: number;
  /** Resolves with what it says first; undefined when it ended without a word. */
  readonly firstWord: Promise<Message | undefined>;
  /** Resolves with the exit code when the process is gone; null: a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** A dispatcher whose API listens. */
export interface DispatcherProcess extends LaunchedProcess {
  readonly url: string;
  readonly token: string;
  readonly client: DroverClient;
  /** Stops it in order; resolves with its exit code when the process is gone. */
  stop(options?: { readonly drain?: boolean }): Promise<number | null>;
}

const program = fileURLToPath(new URL('./dispatcher-program.ts', import.meta.url));

/** Starts a dispatcher with this configuration file; its log is appended to the other. */
export function launchProcess(configPath: string, logPath: string): LaunchedProcess {
  const log = openSync(logPath, 'a');
  const child = spawn(process.execPath, ['--conditions=@drover/source', program, configPath], {
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid ?? 0,
    exited,
    firstWord: readFirstLine(child),
    signal: (name) => child.kill(name),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Resolves when the API listens, or with the refusal once the refused process has ended by itself. */
export async function whenStarted(launched: LaunchedProcess): Promise<DispatcherProcess | Refusal> {
  const said = await launched.firstWord;
  if (said === undefined || said.kind === 'ended') throw new Error('the dispatcher ended without a word');
  if (said.kind === 'failed') {
    await launched.exited;
    return said;
  }
  const { url, token } = said;
  return {
    ...launched,
    url,
    token,
    client: createClient({ url, token, timeoutMs: 10_000 }),
    stop: async ({ drain = false } = {}) => {
      launched.signal(drain ? 'SIGUSR2' : 'SIGTERM');
      return launched.exited;
    },
  };
}

async function readFirstLine(child: ChildProcess): Promise<Message | undefined> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the dispatcher has no standard output');
  const lines = createInterface(stdout);
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  // Not its exit: that may be known before its last words have been read.
  const end = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  const first = await Promise.race([line, end]);
  return first === undefined ? undefined : message.parse(JSON.parse(first));
}
