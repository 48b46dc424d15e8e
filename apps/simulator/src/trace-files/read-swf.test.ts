import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ConfigError } from '@drover/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrace } from './read-trace.ts';
import { defaultTraceReadOptions } from './trace-source.ts';

const mebibyte = 1024 * 1024;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-swf-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(content: string | Uint8Array, name = 'jobs.swf') {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readTrace(path, defaultTraceReadOptions);
}

async function problemsOf(content: string) {
  try {
    await read(content);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

const good = `; Version: 2.2
; Computer: a test
;
1 0 5 60 4 -1 -1 8 120 1024 1 3 1 -1 1 1 -1 -1
2 30 -1 10.5 -1 -1 2048 2 -1 -1 0 3 1 -1 1 1 -1 -1
`;

describe('a Standard Workload Format file', () => {
  it('gives processors, memory per processor, run times and ends', async () => {
    const { jobs, notes, format } = await read(good);
    expect(format).toBe('swf');
    expect(jobs.size).toBe(2);
    expect([0, 1].map((i) => [jobs.submitMs(i), jobs.runMs(i), jobs.exitCode(i), jobs.peakRamBytes(i)])).toEqual([
      [0, 60_000, 0, 0],
      [30_000, 10_500, 1, 2 * 2048 * 1024],
    ]);
    // Allocated before requested processors; memory in 64 MiB steps.
    expect([0, 1].map((i) => jobs.shapes[jobs.shape(i)]?.resources)).toMatchObject([
      { vcpus: 4, ramBytes: 64 * mebibyte },
      { vcpus: 2, ramBytes: 64 * mebibyte },
    ]);
    expect(notes.remarks).toEqual(['Computer: a test']);
    expect(notes.assumed.size).toBe(0);
  });

  it('may be packed, may have Windows line ends, and may lack the last one', async () => {
    const text = good.replaceAll('\n', '\r\n').trimEnd();
    expect((await read(gzipSync(text), 'jobs.swf.gz')).jobs.size).toBe(2);
  });

  it('is put in the order of submission', async () => {
    const [a = '', b = ''] = good.split('\n').slice(3);
    const { jobs } = await read(`${b}\n${a}\n`);
    expect([0, 1].map((i) => jobs.runMs(i))).toEqual([60_000, 10_500]);
  });

  it('has jobs that cannot be replayed, which are counted by why', async () => {
    const line = (submit: number, run: number, processors: number, status: number): string =>
      `9 ${submit} -1 ${run} ${processors} -1 -1 ${processors} -1 -1 ${status} 1 1 -1 1 1 -1 -1\n`;
    const { jobs, notes } = await read(
      line(1, 5, 1, 1) +
        line(1, -1, 1, 1) +
        line(-1, 5, 1, 1) +
        line(1, 5, -1, 1) +
        line(1, 0, 1, 5) +
        line(1, 5, 1, 2),
    );
    expect(jobs.size).toBe(1);
    expect(Object.fromEntries(notes.skipped)).toEqual({
      'no run time': 1,
      'no submit time': 1,
      'no number of processors': 1,
      'cancelled before it ran': 1,
      'part of a job that was swapped out; the line for the whole job counts': 1,
    });
    expect([...notes.assumed]).toEqual([['1024 MiB of memory per processor', 1]]);
  });

  it('names every bad line with its place and what to do', async () => {
    const problems = await problemsOf(`${good}1 2 3\n  3 30 -1 1o 1 -1 -1 1 -1 -1 1 1 1 -1 1 1 -1 -1\n`);
    expect(problems).toMatchObject([
      { code: 'TRACE_INVALID', line: 6, column: 1, message: '3 fields where the format has 18' },
      { code: 'TRACE_INVALID', line: 7, column: 11, message: '"1o" is not a number (run time)' },
    ]);
    expect(problems.every(({ fix, file }) => fix !== undefined && file?.endsWith('jobs.swf'))).toBe(true);
  });

  it('stops at twenty bad lines', async () => {
    expect(await problemsOf(good + '1 2 3\n'.repeat(50))).toHaveLength(20);
  });

  it.each([
    ['that is none', 'once upon a time\n', 'no known format begins like this'],
    ['without jobs', '; Version: 2.2\n', 'it has no job that could be replayed'],
    ['that is empty', '', 'no known format begins like this'],
  ])('%s is refused', async (_, text, message) => {
    expect(await problemsOf(text)).toMatchObject([{ code: 'TRACE_INVALID', message }]);
  });

  it('that is not there is refused', async () => {
    await expect(readTrace(join(folder, 'nowhere.swf'), defaultTraceReadOptions)).rejects.toMatchObject({
      code: 'TRACE_UNREADABLE',
    });
  });
});
