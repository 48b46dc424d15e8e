import type { QueueLimits } from '@drover/queue-rules';
import type { Clock, Random } from '@drover/spec';

/** How and where to open a queue. */
export interface SqliteQueueOptions {
  /** The database file; its folder is made when missing. `:memory:` (inline only): nothing outlives `close`. */
  readonly path: string;
  /** Folder of the log files; with `:memory:` none is needed and all logs are kept in the database. */
  readonly logsDirectory?: string;
  readonly clock: Clock;
  /** Container UUIDs are drawn from it. */
  readonly random: Random;
  /**
   * True: the database runs on the caller's thread, for simulation and tests. False (default): in a worker thread, so
   * that a slow disk never holds up the rest of the process.
   */
  readonly inline?: boolean;
  /** First five characters of every UUID, a-z0-9; default `drovr`. */
  readonly clusterId?: string;
  readonly limits?: Partial<QueueLimits>;
  /** Where the worker's entry point lies when a bundler has moved it; default: beside this module. */
  readonly workerUrl?: URL;
}

/** What the database itself needs to know; plain data, so that it can go to a worker. */
export interface EngineOptions {
  readonly path: string;
  readonly logsDirectory: string | undefined;
  readonly limits: QueueLimits;
  /** The database may not grow beyond this many pages of 4 KiB; default: as the disk allows. */
  readonly maxPages?: number;
}

/** Requests that may wait for an answer; above it calls are refused as overloaded. */
export const maxPendingRequests = 10_000;

/** Bytes of specs and logs that may wait for an answer. One request alone is always taken. */
export const maxPendingBytes = 64 * 1024 * 1024;

/** Requests that one transaction takes at most, so that the first of them does not wait for ever. */
export const maxBatchRequests = 512;

/** How long a statement waits for another process's transaction. */
export const busyTimeoutMs = 1000;

/** Bytes that one `readLog` returns at most. */
export const maxLogReadBytes = 16 * 1024 * 1024;
