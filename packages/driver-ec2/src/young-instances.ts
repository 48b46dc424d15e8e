import type { Clock, InstanceId } from '@drover/spec';
import { ec2Times } from './ec2-options.ts';

/** Which VMs were first heard of so recently that an answer which does not know them proves nothing. */
export class YoungInstances {
  readonly #clock: Clock;
  readonly #firstSeenMs = new Map<InstanceId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It exists. */
  seen(id: InstanceId): void {
    if (!this.#firstSeenMs.has(id)) this.#firstSeenMs.set(id, this.#clock.monotonicMs());
  }

  /** It is known to have ended: not knowing it any more is the truth. */
  ended(id: InstanceId): void {
    this.#firstSeenMs.delete(id);
  }

  isYoung(id: InstanceId): boolean {
    const firstMs = this.#firstSeenMs.get(id);
    if (firstMs === undefined) return false;
    if (this.#clock.monotonicMs() - firstMs < ec2Times.youngMs) return true;
    this.#firstSeenMs.delete(id);
    return false;
  }
}
