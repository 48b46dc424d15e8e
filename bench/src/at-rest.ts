import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startDispatcher } from './dispatcher-process.ts';
import { atMost, type Figure } from '@drover/testkit/figure';

/** Garbage of the start is collected by itself; this long is enough for a resident size that stays. */
const restMs = 5_000;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A dispatcher with loopback and SQLite, and nothing to do. */
export async function atRest(): Promise<readonly Figure[]> {
  // The first start fills the compile cache, as on any machine that has run it before.
  await (await startDispatcher('')).close();
  const dispatcher = await startDispatcher('');
  await new Promise((resolve) => setTimeout(resolve, restMs));
  const status = readFileSync(`/proc/${dispatcher.pid}/status`, 'utf8');
  const residentMb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  await dispatcher.close();
  return [
    atMost(1000, 'dispatcher started (loopback, SQLite)', dispatcher.startMs, 'ms'),
    atMost(110, 'dispatcher at rest, resident', residentMb, 'MB'),
  ];
}

/** `npm start` on a machine that is set up, from the command to its end; the last result comes before that. */
export async function npmStart(): Promise<readonly Figure[]> {
  const seconds = await timed('npm', ['start']);
  return [atMost(10, 'npm start, set-up machine, to the end', seconds, 's')];
}

async function timed(command: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit ${code}`);
  return (performance.now() - started) / 1000;
}
