/** How the shell of the scheduler paces itself. */
export interface ShellOptions {
  /** Between two polls of the queue. */
  readonly pollIntervalMs: number;
  /** Deadline of each call to the queue. */
  readonly queueCallTimeoutMs: number;
  /** Between two passes at least. 0: none but the time that a pass takes. What happens meanwhile waits for the next one. */
  readonly minPassIntervalMs: number;
  /** Until a container whose operation failed is tried again; doubles with each failure up to `maxRetryMs`. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** A queue without fencing: locks of a former dispatcher are given back after this long, though workers are still unknown. */
  readonly staleLockTimeoutMs: number;
  /** Changes of the queue under way at once; more wait for the next pass. */
  readonly maxQueueCalls: number;
  /** Bytes of a log read from a VM and stored at once. */
  readonly logChunkBytes: number;
  /** This many starts refused in a row count as one failure of infrastructure, so that a hopeless start ends. */
  readonly maxRefusedStarts: number;
  /** How long `stop` waits for changes under way. */
  readonly stopTimeoutMs: number;
}

/**
 * Sources: poll interval, 250 ms retry and stale lock timeout are the reference's. 512 calls keep a queue that commits in
 * batches of 100 busy; 256 KiB is a quarter of the executor's default output bound.
 */
export const defaultShellOptions: ShellOptions = {
  pollIntervalMs: 10_000,
  queueCallTimeoutMs: 30_000,
  minPassIntervalMs: 0,
  retryMs: 250,
  maxRetryMs: 10_000,
  staleLockTimeoutMs: 60_000,
  maxQueueCalls: 512,
  logChunkBytes: 256 * 1024,
  maxRefusedStarts: 3,
  stopTimeoutMs: 10_000,
};
