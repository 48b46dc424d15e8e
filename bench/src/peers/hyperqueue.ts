import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The version raced against. */
const requirement = 'hyperqueue==0.27.0';

/** A running HyperQueue with four one-core workers. */
export interface HyperQueue {
  /** Runs that many short commands; resolves with tasks per second. */
  run(count: number): Promise<number>;
  close(): Promise<void>;
}

/** Installs HyperQueue into a virtual environment of its own below `folder`, once. Throws when Python is missing. */
export function installHyperQueue(folder: string): string {
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'installed'))) return python;
  mkdirSync(folder, { recursive: true });
  must('python3', ['-m', 'venv', folder]);
  must(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement]);
  must('touch', [join(folder, 'installed')]);
  return python;
}

function must(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${error?.message ?? `exit ${status}`})`);
}

/** Starts it and waits until its workers have run something. */
export async function startHyperQueue(python: string): Promise<HyperQueue> {
  const script = fileURLToPath(new URL('./race_hyperqueue.py', import.meta.url));
  const child = spawn(python, [script], {
    stdio: ['pipe', 'pipe', process.env['DROVER_BENCH_DEBUG'] === undefined ? 'ignore' : 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const line = await answers.next();
    if (line.done === true) throw new Error('HyperQueue ended early');
    const value: unknown = JSON.parse(line.value);
    return Object.fromEntries(Object.entries(Object(value)));
  };
  await next();
  return {
    async run(count) {
      child.stdin.write(`${count}\n`);
      return count / Number((await next())['seconds']);
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}
