import type { Clock } from '@drover/spec';
import { Ec2Fault } from './ec2-fault.ts';

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Calls at once and per second that an account has by default, per API, as AWS documents them. */
const requestRates: Readonly<Record<string, Rate>> = {
  RunInstances: { burst: 5, perSecond: 2 },
  TerminateInstances: { burst: 100, perSecond: 5 },
  CreateTags: { burst: 100, perSecond: 10 },
  ImportKeyPair: { burst: 50, perSecond: 5 },
};
const describeRate: Rate = { burst: 100, perSecond: 20 };

/** Instances at once and per second, beside the calls. */
const instanceRates: Readonly<Record<string, Rate>> = {
  RunInstances: { burst: 1_000, perSecond: 2 },
  TerminateInstances: { burst: 1_000, perSecond: 20 },
};

/** The token buckets of one account: each API has one for calls, and some have one for the instances they are about. */
export class CallBuckets {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws Ec2Fault RequestLimitExceeded when a bucket is empty */
  take(action: string, instances: number): void {
    this.#take(`calls ${action}`, requestRates[action] ?? describeRate, 1);
    const perInstance = instanceRates[action];
    if (perInstance !== undefined) this.#take(`instances ${action}`, perInstance, instances);
  }

  /** Tokens come once a second, all of that second together, as AWS describes it. */
  #take(name: string, rate: Rate, count: number): void {
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(name) ?? { tokens: rate.burst, atMs: nowMs };
    const seconds = Math.floor((nowMs - bucket.atMs) / 1_000);
    const tokens = Math.min(rate.burst, bucket.tokens + seconds * rate.perSecond);
    const isEnough = tokens >= count;
    this.#buckets.set(name, { tokens: isEnough ? tokens - count : tokens, atMs: bucket.atMs + seconds * 1_000 });
    if (!isEnough) throw new Ec2Fault('RequestLimitExceeded', 'Request limit exceeded.', 503);
  }
}
