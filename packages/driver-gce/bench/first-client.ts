import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Figure } from '@drover/testkit/figure';

const tries = 3;

/**
 * From nothing loaded to clients that can call, in a process of its own; with a warm compile cache, as in a dispatcher that has run
 * on this machine before. The middle one of three.
 */
export async function measureFirstClient(): Promise<readonly Figure[]> {
  const cache = mkdtempSync(join(tmpdir(), 'drover-bench-gce-'));
  try {
    await openOnce(cache);
    const times: number[] = [];
    for (let n = 0; n < tries; n += 1) times.push(await openOnce(cache));
    const middle = times.toSorted((a, b) => a - b)[Math.floor(tries / 2)] ?? Number.NaN;
    return [atMost(1_000, 'GCE: SDK loaded and first clients made', middle, 'ms')];
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

async function openOnce(cache: string): Promise<number> {
  const program = join(import.meta.dirname, 'open-sdk.ts');
  const child = spawn(process.execPath, ['--conditions=@drover/source', program], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`open-sdk ended with exit ${code}`);
  return Number(output);
}
