import type { CloudOperation } from '@drover/spec';

/** How calls to the cloud are held back. All durations in milliseconds. */
export interface ThrottleOptions {
  /** All calls together; 0: no limit. Default 10, as in the reference. */
  readonly maxCloudOpsPerSecond: number;
  /** First wait after a rate-limit answer that names none. */
  readonly firstBackoffMs: number;
  /** Longest wait that we choose ourselves; a wait that the cloud names is kept however long. */
  readonly maxBackoffMs: number;
  /** How long a quota answer holds when there is no instance whose end could free quota. */
  readonly quotaRetryMs: number;
  /** How long an offering, type, group or everything counts as unavailable after a capacity answer. */
  readonly capacityRetryMs: number;
  /** How long one call may take; afterwards its outcome counts as unknown. Creating and listing page or wait, so they get longer. */
  readonly deadlineMs: Readonly<Record<CloudOperation, number>>;
}

/** The defaults. Sources: the reference's 10 calls/s, 1…60 s, 60 s; deadlines are ours. */
export const defaultThrottleOptions: ThrottleOptions = {
  maxCloudOpsPerSecond: 10,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  quotaRetryMs: 60_000,
  capacityRetryMs: 60_000,
  deadlineMs: {
    Create: 300_000,
    List: 120_000,
    Destroy: 60_000,
    SetTags: 60_000,
    Describe: 60_000,
    HostKeys: 60_000,
  },
};
