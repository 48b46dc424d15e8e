/** A bucket of permits; negative tokens are permits promised to callers that wait. */
export interface TokenBucket {
  readonly tokens: number;
  /** Monotonic time at which `tokens` was right. */
  readonly atMs: number;
}

/** How fast permits come and how many may be saved up. */
export interface TokenRate {
  /** 0: no limit. */
  readonly perSecond: number;
  readonly burst: number;
}

/** The usual rate: as many at once as come in a second, at least one. */
export function tokenRate(perSecond: number): TokenRate {
  return { perSecond, burst: Math.max(1, perSecond) };
}

/** A full bucket. */
export function fullBucket(rate: TokenRate, nowMs: number): TokenBucket {
  return { tokens: rate.burst, atMs: nowMs };
}

/** Takes one permit. The caller waits `waitMs` before it acts; whoever asks later waits longer, so the order is kept. */
export function takeToken(
  bucket: TokenBucket,
  rate: TokenRate,
  nowMs: number,
): { readonly bucket: TokenBucket; readonly waitMs: number } {
  if (rate.perSecond <= 0) return { bucket, waitMs: 0 };
  const gained = (Math.max(0, nowMs - bucket.atMs) * rate.perSecond) / 1_000;
  const tokens = Math.min(rate.burst, bucket.tokens + gained) - 1;
  return { bucket: { tokens, atMs: nowMs }, waitMs: tokens >= 0 ? 0 : Math.ceil((-tokens * 1_000) / rate.perSecond) };
}
