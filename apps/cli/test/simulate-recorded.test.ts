import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parsed } from './cli-session.ts';
import { runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-recorded-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('a real dispatcher', () => {
  it('records what it does, and drover simulate replays it', async () => {
    const dev = startCli(['dev', '--port', '0'], { cwd: folder });
    await dev.saw('drover is ready');
    const runs = ['0.2', '1.2', '0.7'].map((seconds) =>
      runCli(['run', '-q', '-e', 'WORD=swordfish', '--', 'sh', '-c', `sleep ${seconds}; echo $WORD; exit 3`], {
        cwd: folder,
      }),
    );
    expect((await Promise.all(runs)).map(({ exitCode }) => exitCode)).toEqual([3, 3, 3]);
    dev.child.kill('SIGINT');
    expect((await dev.done).exitCode).toBe(0);

    const path = join('.drover', 'trace.ndjson');
    const text = await readFile(join(folder, path), 'utf8');
    expect(text).not.toMatch(/swordfish|sleep/);
    const ended = text
      .split('\n')
      .filter((line) => line.startsWith('{"type":"ended"'))
      .map((line): unknown => JSON.parse(line));
    expect(ended).toHaveLength(3);
    expect(ended).toContainEqual(
      expect.objectContaining({ state: 'Complete', exitCode: 3, starts: 1, lostRuns: 0, runMs: expect.any(Number) }),
    );

    const replayed = await runCli(['simulate', path, '-o', 'json'], { cwd: folder });
    expect(replayed.stderr).toContain('3 jobs (drover)');
    const busySeconds = ended.reduce<number>((sum, record) => sum + runMsOf(record) / 1000, 0);
    expect(parsed(replayed.stdout)).toMatchObject({
      trace: { skipped: {}, assumed: {} },
      items: [{ jobs: { submitted: 3, completed: 3, failed: 3, unfinished: 0 }, interruptions: { runs: 0 } }],
    });
    const { hours, waits } = onlyItem(parsed(replayed.stdout));
    // At least the longest, at most one after the other.
    expect(hours.busy * 3600).toBeGreaterThan(1.1);
    expect(hours.busy * 3600).toBeLessThan(busySeconds + 0.1);
    // A VM of this machine is up in seconds; a replay finds it at an attempt every ten seconds, as on a cloud.
    expect(waits.maxMs).toBeLessThan(30_000);
  });
});

interface Item {
  readonly hours: { readonly busy: number };
  readonly waits: { readonly maxMs: number };
}

function onlyItem(value: unknown): Item {
  if (isItems(value) && value.items[0] !== undefined) return value.items[0];
  throw new Error('no report');
}

function isItems(value: unknown): value is { readonly items: readonly Item[] } {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items);
}

function runMsOf(record: unknown): number {
  const known = typeof record === 'object' && record !== null && 'runMs' in record;
  return known && typeof record.runMs === 'number' ? record.runMs : 0;
}
