import type { CancelTimer, Clock, InstanceId } from '@drover/spec';
import { fullBucket, takeToken, type TokenBucket, type TokenRate } from '@drover/throttle';

/** The line for probes: first come, first served, at most so many per second. A worker stands in it once at most. */
export class ProbeQueue {
  readonly #clock: Clock;
  readonly #rate: TokenRate;
  readonly #onTurn: (id: InstanceId, attempt: number) => void;
  readonly #waiting = new Map<InstanceId, number>();
  #bucket: TokenBucket;
  #cancelTimer: CancelTimer | undefined;

  constructor(clock: Clock, maxPerSecond: number, onTurn: (id: InstanceId, attempt: number) => void) {
    this.#clock = clock;
    // Two seconds' worth at once, so that a restarted dispatcher knows a fleet of hundreds again in seconds. That many
    // handshakes do not happen together: the executor bounds those.
    this.#rate = { perSecond: maxPerSecond, burst: Math.max(1, maxPerSecond * 2) };
    this.#onTurn = onTurn;
    this.#bucket = fullBucket(this.#rate, clock.monotonicMs());
  }

  add(id: InstanceId, attempt: number): void {
    this.#waiting.set(id, attempt);
    this.#serve();
  }

  remove(id: InstanceId): void {
    this.#waiting.delete(id);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#waiting.clear();
  }

  /** As long as the rate allows turns come at once: a timer for each would be most of a probe's own price. */
  #serve(): void {
    while (this.#cancelTimer === undefined && this.#waiting.size > 0) {
      const { bucket, waitMs } = takeToken(this.#bucket, this.#rate, this.#clock.monotonicMs());
      this.#bucket = bucket;
      if (waitMs === 0) this.#giveTurn();
      else
        this.#cancelTimer = this.#clock.timer(waitMs, () => {
          this.#cancelTimer = undefined;
          this.#giveTurn();
          this.#serve();
        });
    }
  }

  #giveTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next[0]);
    this.#onTurn(...next);
  }
}
