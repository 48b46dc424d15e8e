import type { CapacityScope, Clock } from '@drover/spec';
import {
  type CapacityGate,
  type CapacitySubject,
  capacityReached,
  openCapacityGate,
  unavailableUntilMs,
} from './capacity-gate.ts';
import { isAtQuota, openQuotaGate, type QuotaGate, quotaAfterListing, quotaReached } from './quota-gate.ts';
import type { ThrottleOptions } from './throttle-options.ts';
import { WakeTimers } from './wake-timers.ts';

/** Where gates get their time from and whom they tell that a period is over. */
export interface CreateGatesContext {
  readonly clock: Clock;
  readonly options: Pick<ThrottleOptions, 'quotaRetryMs' | 'capacityRetryMs'>;
  readonly onWake: () => void;
}

/** Quota and capacity as learnt from the cloud's answers; wakes the pool when a period ends. */
export class CreateGates {
  readonly #context: CreateGatesContext;
  readonly #timers: WakeTimers;
  #quota: QuotaGate = openQuotaGate;
  #capacity: CapacityGate = openCapacityGate;

  constructor(context: CreateGatesContext) {
    this.#context = context;
    this.#timers = new WakeTimers(context.clock, context.onWake);
  }

  /** A create was refused for quota while `others` other instances existed or were in flight. */
  quotaReached(others: number): void {
    this.#quota = quotaReached(this.#quota, others, this.#nowMs(), this.#context.options.quotaRetryMs);
    if (this.#quota.untilMs > this.#nowMs()) this.#timers.wakeAt('quota', this.#quota.untilMs);
  }

  /** A listing is complete: so many exist or are in flight. True when that ended an "at quota". */
  listed(instances: number): boolean {
    const before = this.#quota;
    this.#quota = quotaAfterListing(before, instances);
    return before !== this.#quota;
  }

  /** A create was refused because the cloud has no room. */
  capacityReached(scope: CapacityScope, subject: CapacitySubject): void {
    const { capacityRetryMs } = this.#context.options;
    this.#capacity = capacityReached(this.#capacity, scope, subject, this.#nowMs(), capacityRetryMs);
    this.#timers.wakeAt(`capacity ${scope} ${subject.offering.id}`, this.#nowMs() + capacityRetryMs);
  }

  atQuota(): boolean {
    return isAtQuota(this.#quota, this.#nowMs());
  }

  /** At quota as long as this many instances exist, if that is how it was learnt. */
  quotaLimit(): number | undefined {
    return this.#quota.limit;
  }

  /** Until when (monotonic) the offering is unavailable; undefined: it may be tried. */
  unavailableUntilMs(subject: CapacitySubject): number | undefined {
    return unavailableUntilMs(this.#capacity, subject, this.#nowMs());
  }

  /** Cancels the timers. */
  close(): void {
    this.#timers.close();
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs();
  }
}
