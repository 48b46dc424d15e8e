import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Figure, quantile } from '@drover/testkit/figure';
import { spawnProgram } from './program.ts';

const starts = 7;

/** From nothing to a client of EC2 in a process whose compile cache is filled, as with every start but the first. */
export async function clientStart(): Promise<Figure> {
  const cache = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const timesMs: number[] = [];
  try {
    for (let run = 0; run <= starts; run += 1) {
      const program = await spawnProgram('start-program.ts', [], env);
      program.close();
      if (run > 0) timesMs.push(Number(program.line));
    }
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  return atMost(450, 'EC2, driver and SDK loaded, first client (median)', quantile(timesMs, 0.5), 'ms');
}
