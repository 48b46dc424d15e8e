import { type Line, readLines } from '@drover/trace';
import { JobCollector } from './job-table.ts';
import { LineProblems } from './line-problems.ts';
import { nextflowCount, nextflowDuration, nextflowSize, nextflowTime, type NextflowValue } from './nextflow-values.ts';
import { NoteTaker, type JobShape, usualPriority } from './trace-job.ts';
import type { ReadTrace, TraceReadOptions } from './trace-source.ts';

/** Columns that a replay reads, with how; a file has those that its `trace.fields` names. */
const columns = {
  submit: nextflowTime,
  start: nextflowTime,
  complete: nextflowTime,
  duration: nextflowDuration,
  realtime: nextflowDuration,
  cpus: nextflowCount,
  memory: nextflowSize,
  disk: nextflowSize,
  peak_rss: nextflowSize,
  exit: nextflowCount,
} as const;

type Column = keyof typeof columns;
type Values = Partial<Record<Column, number>>;

const mebibyte = 1024 * 1024;

/** Whether a line is the first of a trace file of Nextflow. */
export function isNextflowHeader(line: string): boolean {
  const names = line.split(separatorOf(line));
  return names.includes('submit') && (names.includes('realtime') || names.includes('complete'));
}

/** Reads a trace file of Nextflow (`-with-trace`). @throws ConfigError with the place of every bad line */
export async function readNextflow(path: string, options: TraceReadOptions): Promise<ReadTrace> {
  const reader = new NextflowReader(path, options);
  for await (const lines of readLines(path)) for (const line of lines) reader.take(line);
  return reader.finish();
}

class NextflowReader {
  readonly #options: TraceReadOptions;
  readonly #notes = new NoteTaker();
  readonly #jobs = new JobCollector();
  readonly #problems: LineProblems;
  #separator = '\t';
  #names: readonly string[] | undefined;

  constructor(path: string, options: TraceReadOptions) {
    this.#options = options;
    this.#problems = new LineProblems(path);
  }

  take(line: Line): void {
    if (line.text.trim() === '') return;
    if (this.#names === undefined) {
      this.#separator = separatorOf(line.text);
      this.#names = line.text.split(this.#separator);
    } else this.#row(line, this.#names);
  }

  finish(): ReadTrace {
    this.#problems.check();
    return { format: 'nextflow', jobs: this.#jobs.table(), notes: this.#notes };
  }

  #row(line: Line, names: readonly string[]): void {
    const cells = line.text.split(this.#separator);
    if (cells.length !== names.length) {
      const fix = line.torn ? 'the file seems cut off: get it anew' : 'a cell must not contain the separator';
      const message = `${cells.length} columns where the first line has ${names.length}`;
      this.#problems.add({ line: line.number, column: 1 }, message, fix);
      return;
    }
    const status = cells[names.indexOf('status')] ?? 'COMPLETED';
    if (status === 'CACHED') this.#notes.skip('cached: it did not run');
    else if (status !== 'COMPLETED' && status !== 'FAILED') this.#notes.skip(`status ${status}`);
    else {
      const values = this.#values(line, cells, names);
      if (values !== undefined) this.#add(values, status === 'FAILED');
    }
  }

  #values(line: Line, cells: readonly string[], names: readonly string[]): Values | undefined {
    const values: Values = {};
    let valid = true;
    for (const [index, cell] of cells.entries()) {
      const name = names[index] ?? '';
      if (!isColumn(name)) continue;
      const value: NextflowValue = columns[name](cell.trim());
      if (value === 'invalid') {
        const column = cells.slice(0, index).reduce((sum, before) => sum + before.length + 1, 1);
        const message = `"${cell}" is not a value of "${name}"`;
        this.#problems.add({ line: line.number, column }, message, 'write "-" for what is not known');
        valid = false;
      } else if (value !== undefined) values[name] = value;
    }
    return valid ? values : undefined;
  }

  #add(values: Values, failed: boolean): void {
    const { submit, cpus, memory, disk = 0, peak_rss: peak = 0, exit } = values;
    const runMs = runTimeOf(values);
    if (submit === undefined) return this.#notes.skip('no submit time');
    if (runMs === undefined) return this.#notes.skip('no run time');
    if (cpus === undefined) this.#notes.assume('1 processor (trace.fields without cpus)');
    const vcpus = Math.max(1, cpus ?? 1);
    if (memory === undefined) this.#notes.assume(memoryAssumed(peak, this.#options));
    this.#jobs.add({
      submitMs: submit,
      runMs,
      peakRamBytes: peak,
      exitCode: exit ?? Number(failed),
      shape: shapeOf(vcpus, memory ?? (peak > 0 ? peak : vcpus * this.#options.ramPerVcpuBytes), disk),
    });
  }
}

/** Of the task itself; staging is part of what the executor does, and only in the times from start to end. */
function runTimeOf({ realtime, start, complete, submit, duration }: Values): number | undefined {
  if (realtime !== undefined) return realtime;
  if (complete !== undefined && start !== undefined) return Math.max(0, complete - start);
  return duration !== undefined && start !== undefined && submit !== undefined
    ? Math.max(0, duration - (start - submit))
    : undefined;
}

function memoryAssumed(peak: number, { ramPerVcpuBytes }: TraceReadOptions): string {
  if (peak > 0) return 'as much memory as it used at its peak (trace.fields without memory)';
  return `${ramPerVcpuBytes / mebibyte} MiB of memory per processor`;
}

function shapeOf(vcpus: number, ramBytes: number, diskBytes: number): JobShape {
  // Memory to the next 64 MiB: tasks that differ by less are alike to a scheduler.
  const ram = Math.max(1, Math.ceil(ramBytes / (64 * mebibyte))) * 64 * mebibyte;
  const scratchBytes = diskBytes > 0 ? [diskBytes] : [];
  return {
    resources: { vcpus, ramBytes: ram, cacheRamBytes: 0, scratchBytes, cacheDiskBytes: 0 },
    preemptible: 'prefer',
    priority: usualPriority,
    supervisor: false,
    constraints: {},
  };
}

function isColumn(name: string): name is Column {
  return Object.hasOwn(columns, name);
}

/** A tab, unless the file was written with commas (`trace.sep`). */
function separatorOf(header: string): string {
  return header.includes('\t') ? '\t' : ',';
}
