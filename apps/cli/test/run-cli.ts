import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The command from its sources. */
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** What a run of the command left. */
export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** The program instead of the sources. */
  readonly main?: string;
}

/** A running command. */
export interface CliProcess {
  readonly child: ChildProcess;
  /** Resolves once stdout or stderr contains this; rejects when the process ends without. */
  saw(text: string): Promise<void>;
  readonly done: Promise<CliResult>;
}

/** Starts the real command as a process of its own. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, ['--conditions=@drover/source', options.main ?? source, ...args], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      XDG_CACHE_HOME: options.cwd,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const watchers = new Set<() => void>();
  const heard = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  child.stdin.end(options.input ?? '');
  const done = once(child, 'close').then(() => ({ stdout, stderr, exitCode: child.exitCode }));
  const saw = async (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stdout.includes(text) && !stderr.includes(text)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      void done.then(() => reject(new Error(`it ended without saying "${text}":\n${stdout}\n${stderr}`)));
    });
  return { child, saw, done };
}

/** Runs the real command to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).done;
}
