import type { ThrottleOptions } from './throttle-options.ts';

/** Until when one kind of call is held back, and how long the next wait of our own choosing was last. */
export interface RateLimitHold {
  /** Monotonic. */
  readonly untilMs: number;
  /** The last wait that we chose; 0 after a reset. */
  readonly backoffMs: number;
}

/** Nothing is held. */
export const noHold: RateLimitHold = { untilMs: Number.NEGATIVE_INFINITY, backoffMs: 0 };

/**
 * The hold after a rate-limit answer: as long as the cloud says, else the next step of the back-off (1 s, then ×1.5 + 1 s,
 * at most 60 s). It replaces the hold before it, also when it ends earlier: the later answer knows more.
 */
export function holdAfterRateLimit(
  hold: RateLimitHold,
  retryAfterMs: number | undefined,
  nowMs: number,
  options: Pick<ThrottleOptions, 'firstBackoffMs' | 'maxBackoffMs'>,
): RateLimitHold {
  if (retryAfterMs !== undefined && retryAfterMs > 0)
    return { untilMs: nowMs + retryAfterMs, backoffMs: hold.backoffMs };
  const backoffMs = Math.min(options.maxBackoffMs, hold.backoffMs * 1.5 + options.firstBackoffMs);
  return { untilMs: nowMs + backoffMs, backoffMs };
}

/** The hold after any other answer: one that is running goes on, the back-off starts from the beginning. */
export function holdAfterOtherAnswer(hold: RateLimitHold): RateLimitHold {
  return hold.backoffMs === 0 ? hold : { untilMs: hold.untilMs, backoffMs: 0 };
}

/** How much longer the call is held; 0: not at all. */
export function heldForMs(hold: RateLimitHold, nowMs: number): number {
  return Math.max(0, hold.untilMs - nowMs);
}
