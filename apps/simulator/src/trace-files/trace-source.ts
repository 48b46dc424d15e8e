import type { JobTable } from './job-table.ts';
import type { TraceEnvironment } from './trace-environment.ts';
import type { TraceNotes } from './trace-job.ts';

/** What a reader may suppose where a file is silent. */
export interface TraceReadOptions {
  /** Memory of a job whose trace has none, for each of its processors. */
  readonly ramPerVcpuBytes: number;
}

/** 1 GiB per processor: less than what clouds sell with one, so that the processors decide. */
export const defaultTraceReadOptions: TraceReadOptions = { ramPerVcpuBytes: 1024 ** 3 };

/** Formats that can be read. */
export type TraceFormat = 'swf' | 'nextflow' | 'drover';

/** A trace, read. */
export interface ReadTrace {
  readonly format: TraceFormat;
  readonly jobs: JobTable;
  readonly notes: TraceNotes;
  /** What is known of the cloud, where the trace was recorded by drover. */
  readonly environment?: TraceEnvironment;
}
