import { type ChannelTarget, ConnectError, type Executor, type Target } from '@drover/spec';
import { expect } from 'vitest';

/** A host and an executor to reach it, made anew for every test. */
export interface ExecutorHarness {
  /** Under test; no target is set yet. */
  readonly executor: Executor;
  /** Where the host is; `pinnedKeys` is empty. */
  target(): Target;
  /** The key the host shows now, `<type> <base64>`. */
  hostKey(): string;
  /** A channel target that sends every line back. */
  readonly echo: ChannelTarget;
  /** Breaks every connection from the host's side; resolves when that is done. */
  loseConnections(): Promise<void>;
  /** Connections the host has now. */
  connections(): number | Promise<number>;
  /** The host shows another key from the next connection on; present connections stay. */
  changeHostKey?(): Promise<void>;
  /** Lets this much of the executor's time pass: moves a simulated clock; nothing to do for a real one. */
  elapse(ms: number): Promise<void>;
  /** What the suite runs on the host; default: a POSIX shell's. */
  readonly commands?: ExecutorCommands;
  dispose(): Promise<void>;
}

/** Command lines with known results. */
export interface ExecutorCommands {
  /** Writes the text on stdout. */
  print(text: string): string;
  /** Writes the text on stderr, nothing on stdout. */
  printError(text: string): string;
  exit(code: number): string;
  /** Is ended by SIGKILL. */
  readonly killSelf: string;
  /** Writes stdin on stdout. */
  readonly copy: string;
  /** Writes this many `x`, then nothing more. */
  flood(bytes: number): string;
  /** Runs for a minute. */
  readonly hang: string;
  /** Writes two lines as a channel, then ends. */
  readonly twoLines: string;
}

/** The default commands. */
export const posixCommands: ExecutorCommands = {
  print: (text) => `printf %s '${text}'`,
  printError: (text) => `printf %s '${text}' >&2`,
  exit: (code) => `exit ${code}`,
  killSelf: 'kill -9 $$',
  copy: 'cat',
  flood: (bytes) => `head -c ${bytes} /dev/zero | tr '\\0' x`,
  hang: 'exec sleep 60',
  twoLines: 'echo one; echo two',
};

/** What a test works with. */
export interface ExecutorScene {
  readonly harness: ExecutorHarness;
  readonly executor: Executor;
  readonly commands: ExecutorCommands;
  readonly signal: AbortSignal;
}

/** Makes a harness whose executor has its target set, runs the body and cleans up, whatever happens. */
export async function withExecutor(
  makeHarness: () => Promise<ExecutorHarness>,
  body: (scene: ExecutorScene) => Promise<void>,
): Promise<void> {
  const harness = await makeHarness();
  const abort = new AbortController();
  try {
    harness.executor.setTarget(harness.target());
    await body({
      harness,
      executor: harness.executor,
      commands: harness.commands ?? posixCommands,
      signal: abort.signal,
    });
  } finally {
    await harness.executor.close();
    await harness.dispose();
  }
}

/** The same with a host that is proven already. */
export function withTrusted(
  makeHarness: () => Promise<ExecutorHarness>,
  body: (scene: ExecutorScene) => Promise<void>,
): Promise<void> {
  return withExecutor(makeHarness, async (scene) => {
    scene.executor.trust(await scene.executor.connect({ signal: scene.signal }));
    await body(scene);
  });
}

/** Breaks the connection and waits until the executor has noticed: what runs on it rejects. */
export async function loseAndNotice(scene: ExecutorScene): Promise<void> {
  const { harness, executor, commands, signal } = scene;
  const hanging = executor.run({ command: commands.hang, allowUnverified: true }, { signal });
  const outcome = rejectionOf(hanging);
  await harness.loseConnections();
  expect(await outcome).toBeInstanceOf(ConnectError);
}

/** Resolves with what the promise rejects with, so that a test can go on meanwhile; undefined when it resolves. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
