/** What quota answers have taught. */
export interface QuotaGate {
  /** At quota while at least this many instances exist; forgotten at a listing that finds fewer. */
  readonly limit: number | undefined;
  /** At quota until this monotonic time, whatever exists. */
  readonly untilMs: number;
}

/** No quota has been met. */
export const openQuotaGate: QuotaGate = { limit: undefined, untilMs: Number.NEGATIVE_INFINITY };

/**
 * A create was refused for quota while `others` other instances existed or were in flight. With none the reason lies
 * outside this set, so only time can help; else fewer instances can, and the smallest number seen counts.
 */
export function quotaReached(gate: QuotaGate, others: number, nowMs: number, retryMs: number): QuotaGate {
  if (others < 1) return { ...gate, untilMs: nowMs + retryMs };
  return { ...gate, limit: Math.min(gate.limit ?? Number.POSITIVE_INFINITY, others) };
}

/** A listing is complete: `instances` exist or are in flight. */
export function quotaAfterListing(gate: QuotaGate, instances: number): QuotaGate {
  return gate.limit !== undefined && instances < gate.limit ? { ...gate, limit: undefined } : gate;
}

/** Whether a create would be refused. */
export function isAtQuota(gate: QuotaGate, nowMs: number): boolean {
  return gate.limit !== undefined || nowMs < gate.untilMs;
}
