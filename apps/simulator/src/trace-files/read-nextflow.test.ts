import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@drover/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextflowDuration, nextflowSize, nextflowTime } from './nextflow-values.ts';
import { readTrace } from './read-trace.ts';
import { defaultTraceReadOptions } from './trace-source.ts';

const mebibyte = 1024 * 1024;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-nextflow-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(rows: readonly (readonly string[])[], separator = '\t') {
  const path = join(folder, 'trace.txt');
  writeFileSync(path, rows.map((row) => `${row.join(separator)}\n`).join(''));
  return readTrace(path, defaultTraceReadOptions);
}

const head = ['task_id', 'name', 'status', 'exit', 'submit', 'realtime', 'cpus', 'memory', 'peak_rss', 'disk'];
const rows = [
  head,
  ['2', 'align (b)', 'COMPLETED', '0', '2026-03-01 10:00:30.500', '3m 12s', '8', '16 GB', '11.2 GB', '100 GB'],
  ['1', 'index', 'FAILED', '137', '2026-03-01 10:00:00.000', '8.5s', '1', '512 MB', '-', '-'],
];

describe('values as Nextflow prints them', () => {
  it.each([
    [nextflowDuration, '931ms', 931],
    [nextflowDuration, '8.5s', 8500],
    [nextflowDuration, '1d 2h 3m 4s', 93_784_000],
    [nextflowDuration, '12345', 12_345],
    [nextflowDuration, '-', undefined],
    [nextflowDuration, 'soon', 'invalid'],
    [nextflowSize, '1.5 GB', 1.5 * 1024 ** 3],
    [nextflowSize, '0', 0],
    [nextflowSize, '734003200', 734_003_200],
    [nextflowSize, '3 sheep', 'invalid'],
    [nextflowTime, '2026-03-01 10:00:30.500', Date.UTC(2026, 2, 1, 10, 0, 30, 500)],
    [nextflowTime, '1772359230500', 1_772_359_230_500],
    [nextflowTime, 'yesterday', 'invalid'],
    [nextflowTime, '2026-13-41 10:00:00.000', 'invalid'],
  ])('%o of %s', (parse, text, value) => expect(parse(text)).toBe(value));
});

describe('a trace file of Nextflow', () => {
  it('gives tasks in the order of submission', async () => {
    const { format, jobs, notes } = await read(rows);
    expect(format).toBe('nextflow');
    expect([0, 1].map((i) => [jobs.submitMs(i), jobs.runMs(i), jobs.exitCode(i)])).toEqual([
      [0, 8500, 137],
      [30_500, 192_000, 0],
    ]);
    expect(jobs.shapes[jobs.shape(1)]?.resources).toMatchObject({
      vcpus: 8,
      ramBytes: 16 * 1024 * mebibyte,
      scratchBytes: [100 * 1024 * mebibyte],
    });
    expect(jobs.peakRamBytes(1)).toBeCloseTo(11.2 * 1024 ** 3, -1);
    expect(notes.assumed.size + notes.skipped.size).toBe(0);
  });

  it('may be written with commas, and need not have every column', async () => {
    const few = [
      ['task_id', 'status', 'submit', 'duration', 'realtime', 'peak_rss'],
      ['1', 'COMPLETED', '2026-03-01 10:00:00.000', '20s', '8s', '100 MB'],
      ['2', 'CACHED', '2026-03-01 10:00:00.000', '-', '-', '-'],
      ['3', 'COMPLETED', '2026-03-01 10:00:00.000', '-', '-', '-'],
    ];
    const { jobs, notes } = await read(few, ',');
    expect(jobs.size).toBe(1);
    expect(jobs.shapes[0]?.resources).toMatchObject({ vcpus: 1, ramBytes: 128 * mebibyte });
    expect(Object.fromEntries(notes.skipped)).toEqual({ 'cached: it did not run': 1, 'no run time': 1 });
    expect([...notes.assumed.keys()]).toEqual([
      '1 processor (trace.fields without cpus)',
      'as much memory as it used at its peak (trace.fields without memory)',
    ]);
  });

  it('names every bad cell with its place', async () => {
    const bad = [...rows, [...(rows[1] ?? []).slice(0, 6), 'many', '16 GB', '-', '-'], ['4', 'short']];
    const error: unknown = await read(bad).catch((thrown: unknown) => thrown);
    expect(error instanceof ConfigError ? error.problems : error).toMatchObject([
      { code: 'TRACE_INVALID', line: 4, column: 56, message: '"many" is not a value of "cpus"' },
      { code: 'TRACE_INVALID', line: 5, column: 1, message: '2 columns where the first line has 10' },
    ]);
  });
});
