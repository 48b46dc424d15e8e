import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of this folder at work. */
export interface Program {
  /** The first line that it printed. */
  readonly line: string;
  /** Closes its standard input, which ends it. */
  close(): void;
}

/** Starts one of this folder's programs in a process of its own, and waits for its first line. */
export async function spawnProgram(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Program> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@drover/source', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name} ended without a line`);
  });
  const [line]: unknown[] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  ended.catch(() => undefined);
  return { line: String(line), close: () => child.stdin.end() };
}
