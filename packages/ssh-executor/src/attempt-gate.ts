/** What the last attempt to connect to a host was. */
export interface LastAttempt {
  /** On the monotonic clock. */
  readonly startedAtMs: number;
  readonly failed: boolean;
}

/** Least times between the starts of two attempts at one host. */
export interface AttemptGaps {
  readonly failedAttemptGapMs: number;
  readonly attemptGapMs: number;
}

/**
 * How long to wait before the next attempt. `draw` in [0, 1) lengthens the gap by up to a fifth, so that hosts that
 * were lost together are not tried together.
 */
export function attemptDelayMs(last: LastAttempt | undefined, nowMs: number, draw: number, gaps: AttemptGaps): number {
  if (last === undefined) return 0;
  const gapMs = last.failed ? gaps.failedAttemptGapMs : gaps.attemptGapMs;
  return Math.max(0, last.startedAtMs + gapMs * (1 + draw / 5) - nowMs);
}
