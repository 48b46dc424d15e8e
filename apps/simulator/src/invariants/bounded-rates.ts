import type { PortCall } from '../port-call.ts';
import type { Invariant } from './invariant.ts';

/** How often one kind of call may be made about one subject by one dispatcher. */
export interface CallRate {
  readonly perMinute: number;
  /** At once, after a time without. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** 26: nothing is asked again and again without a pause, whatever the answers are. `rateOf` undefined: as often as needed. */
export function boundedRates(nowMs: () => number, rateOf: (call: PortCall) => CallRate | undefined): Invariant {
  let buckets = new Map<string, Bucket>();
  return {
    number: 26,
    rule: 'probe and retry rates bounded, no hot loop',
    onCall: (call) => {
      const rate = rateOf(call);
      if (rate === undefined) return undefined;
      const key = `${call.dispatcher} ${call.port} ${call.operation} ${call.subject}`;
      const bucket = buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs() };
      buckets.set(key, bucket);
      bucket.tokens = Math.min(rate.burst, bucket.tokens + ((nowMs() - bucket.atMs) / 60_000) * rate.perMinute);
      bucket.atMs = nowMs();
      bucket.tokens -= 1;
      if (bucket.tokens >= 0) return undefined;
      return `more than ${rate.perMinute} a minute (${rate.burst} at once): ${key}`;
    },
    review: () => {
      // Who has not asked for so long has all its tokens again.
      const full = (bucket: Bucket): boolean => nowMs() - bucket.atMs > 3_600_000;
      if (buckets.size > 10_000) buckets = new Map([...buckets].filter(([, bucket]) => !full(bucket)));
      return undefined;
    },
  };
}
