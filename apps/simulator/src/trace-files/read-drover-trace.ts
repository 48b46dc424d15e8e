import {
  type JobEnded,
  type JobSubmitted,
  type Line,
  parseTraceRecord,
  readLines,
  type TraceRecord,
} from '@drover/trace';
import { JobCollector } from './job-table.ts';
import { LineProblems } from './line-problems.ts';
import { EnvironmentReader } from './trace-environment.ts';
import { type JobShape, NoteTaker } from './trace-job.ts';
import type { ReadTrace } from './trace-source.ts';

/**
 * Reads a trace that drover recorded. A line that a crash cut off is passed over and counted, if nothing or a new beginning follows it.
 * @throws ConfigError with the place of every bad line
 */
export async function readDroverTrace(path: string): Promise<ReadTrace> {
  const reader = new DroverTraceReader(path);
  for await (const lines of readLines(path)) for (const line of lines) reader.take(line);
  return reader.finish();
}

class DroverTraceReader {
  readonly #notes = new NoteTaker();
  readonly #jobs = new JobCollector();
  readonly #problems: LineProblems;
  readonly #environment = new EnvironmentReader();
  /** Submitted and not ended so far. */
  readonly #open = new Set<string>();
  #cut: Line | undefined;
  #startMs = Number.POSITIVE_INFINITY;

  constructor(path: string) {
    this.#problems = new LineProblems(path);
  }

  take(line: Line): void {
    if (line.text.trim() === '') return;
    const parsed = parseTraceRecord(line.text);
    if (parsed.ok) {
      this.#settleCut(parsed.record);
      this.#record(parsed.record);
    } else if (parsed.cut && this.#cut === undefined) this.#cut = line;
    else this.#problems.add({ line: line.number, column: 1 }, parsed.message, parsed.fix);
  }

  finish(): ReadTrace {
    if (this.#cut !== undefined) this.#passOverCut();
    this.#problems.check();
    for (const _ of this.#open) this.#notes.skip('had not ended when the recording did');
    const jobs = this.#jobs.table();
    return { format: 'drover', jobs, notes: this.#notes, environment: this.#environment.environment(this.#startMs) };
  }

  /** What was cut off is no fault of the file if the writer began anew after it. */
  #settleCut(next: TraceRecord): void {
    if (this.#cut === undefined) return;
    if (next.type === 'drover-trace') this.#passOverCut();
    else this.#problems.add({ line: this.#cut.number, column: 1 }, 'the line is no JSON', 'restore it, or take it out');
    this.#cut = undefined;
  }

  #passOverCut(): void {
    this.#notes.skip(`line that a crash cut off (${this.#cut?.number ?? 0})`);
  }

  #record(record: TraceRecord): void {
    this.#environment.take(record);
    if (record.type === 'submitted') {
      this.#startMs = Math.min(this.#startMs, record.submittedAtMs);
      this.#open.add(record.uuid);
    } else if (record.type === 'ended') this.#ended(record);
  }

  #ended(record: JobEnded): void {
    this.#open.delete(record.uuid);
    if (record.runMs === undefined) {
      this.#notes.skip(record.starts === 0 ? 'never started' : 'no attempt came to a result');
      return;
    }
    this.#startMs = Math.min(this.#startMs, record.submittedAtMs);
    this.#jobs.add({
      submitMs: record.submittedAtMs,
      runMs: record.runMs,
      peakRamBytes: record.peakRamBytes ?? 0,
      exitCode: record.exitCode ?? 1,
      shape: shapeOf(record),
    });
  }
}

function shapeOf({ resources, scheduling, priority }: JobEnded | JobSubmitted): JobShape {
  const { preemptible, supervisor, instanceTypes, maxPricePerHour } = scheduling;
  return {
    resources,
    preemptible,
    priority,
    supervisor,
    constraints: {
      ...(instanceTypes === undefined ? {} : { instanceTypes }),
      ...(maxPricePerHour === undefined ? {} : { maxPricePerHour }),
    },
  };
}
