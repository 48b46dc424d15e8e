import type { Clock, ContainerQueue, DispatchEvent, InstanceType } from '@drover/spec';
import { instanceRecord } from './recorded-instances.ts';
import { RecordedJobs } from './recorded-jobs.ts';
import { type TraceHeader, type TraceRecord, traceVersion } from './trace-records.ts';

/** Takes the lines of a trace; never throws. */
export interface TraceSink {
  /** `line` ends with a line feed. */
  write(line: string): void;
}

/** What a recorder is told. */
export interface TraceRecorderOptions {
  readonly clock: Pick<Clock, 'wallMs'>;
  /** `header` is to be the first line of every file. */
  readonly open: (header: () => string) => TraceSink;
  readonly droverVersion: string;
  readonly instanceTypes: readonly InstanceType[];
  /** Record the names of containers too; default false. */
  readonly names?: boolean;
}

/** Records what a dispatcher does, so that it can be replayed: put `watch(queue)` in the queue's place and hand all events over. */
export class TraceRecorder {
  readonly #options: TraceRecorderOptions;
  readonly #sink: TraceSink;
  readonly #jobs: RecordedJobs;

  constructor(options: TraceRecorderOptions) {
    this.#options = options;
    this.#sink = options.open(() => lineOf(this.#header()));
    const { clock, names = false } = options;
    this.#jobs = new RecordedJobs({ wallMs: () => clock.wallMs(), names, write: (record) => this.#write(record) });
  }

  watch(queue: ContainerQueue): ContainerQueue {
    return this.#jobs.watch(queue);
  }

  observe(event: DispatchEvent): void {
    const record = instanceRecord(event, this.#options.clock.wallMs());
    if (record !== undefined) this.#write(record);
  }

  #header(): TraceHeader {
    const { clock, droverVersion, instanceTypes } = this.#options;
    return { type: 'drover-trace', version: traceVersion, atMs: clock.wallMs(), droverVersion, instanceTypes };
  }

  #write(record: TraceRecord): void {
    this.#sink.write(lineOf(record));
  }
}

function lineOf(record: TraceRecord): string {
  return `${JSON.stringify(record)}\n`;
}
