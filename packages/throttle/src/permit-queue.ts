import type { CancelTimer, Clock } from '@drover/spec';
import { fullBucket, takeToken, type TokenBucket, type TokenRate } from './token-bucket.ts';

interface Waiter {
  readonly rank: number;
  readonly resolve: () => void;
}

/** Hands out permits at a rate; among those who wait the lowest rank goes first, then the longest wait. */
export class PermitQueue {
  readonly #clock: Clock;
  readonly #rate: TokenRate;
  readonly #waiting: Waiter[] = [];
  #bucket: TokenBucket;
  #cancelTimer: CancelTimer | undefined;

  constructor(clock: Clock, rate: TokenRate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#bucket = fullBucket(this.#rate, clock.monotonicMs());
  }

  /** Resolves when the caller may act; rejects with the signal's reason when that is aborted first. */
  async take(rank: number, signal: AbortSignal): Promise<void> {
    if (this.#rate.perSecond <= 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { rank, resolve };
    const onAbort = (): void => {
      const index = this.#waiting.indexOf(waiter);
      if (index >= 0) this.#waiting.splice(index, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(waiter);
    this.#serve();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    this.#cancelTimer?.();
  }

  /** One permit is on its way at a time; whoever ranks best when it comes gets it. */
  #serve(): void {
    while (this.#cancelTimer === undefined && this.#waiting.length > 0) {
      const taken = takeToken(this.#bucket, this.#rate, this.#clock.monotonicMs());
      this.#bucket = taken.bucket;
      if (taken.waitMs === 0) this.#releaseBest();
      else
        this.#cancelTimer = this.#clock.timer(taken.waitMs, () => {
          this.#cancelTimer = undefined;
          this.#releaseBest();
          this.#serve();
        });
    }
  }

  #releaseBest(): void {
    let best = 0;
    for (let index = 1; index < this.#waiting.length; index += 1)
      if ((this.#waiting[index]?.rank ?? 0) < (this.#waiting[best]?.rank ?? 0)) best = index;
    const [waiter] = this.#waiting.splice(best, 1);
    waiter?.resolve();
  }
}
