/** Defaults of the parameters. */
export const loopbackDefaults = {
  /** Enough to see packing and scaling on an ordinary machine. */
  maxInstances: 4,
  bootDelayMs: 0,
  createFailureRate: 0,
  bootFailureRate: 0,
  lossesPerHour: 0,
  preemptionsPerHour: 0,
  /** As EC2 gives. */
  preemptionNoticeMs: 120_000,
} as const;

/** Times that nobody has needed to change. */
export const loopbackTimes = {
  /** How long `create` waits for a VM without a boot delay, so that its answer carries the address already. */
  createWaitMs: 3_000,
  /** How old a VM's folder must be before one without a process counts as a launch that was interrupted. */
  launchGraceMs: 5_000,
  /** How long processes may take to die of SIGKILL. A process in an uninterruptible wait can take longer. */
  killDeadlineMs: 10_000,
  /** How long a VM that died of itself still shows as terminated before its folder is removed. */
  terminatedVisibleMs: 60_000,
} as const;
