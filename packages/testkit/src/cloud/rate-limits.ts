import type { Clock } from '@drover/spec';
import type { CloudVerb } from './cloud-faults.ts';
import type { RateLimit } from './fake-cloud-options.ts';

interface Bucket {
  readonly limit: RateLimit;
  tokens: number;
  atMs: number;
}

/** How many calls of each verb the cloud takes, as token buckets. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, limits: Partial<Record<CloudVerb, RateLimit>>) {
    this.#clock = clock;
    for (const [verb, limit] of Object.entries(limits))
      this.#buckets.set(verb, { limit, tokens: limit.burst, atMs: clock.monotonicMs() });
  }

  /** Takes one call; undefined when it is allowed, else milliseconds until the next one is. */
  take(verb: CloudVerb): number | undefined {
    const bucket = this.#buckets.get(verb);
    if (bucket === undefined) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const { perSecond, burst } = bucket.limit;
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perSecond) * 1000);
    bucket.tokens -= 1;
    return undefined;
  }
}
