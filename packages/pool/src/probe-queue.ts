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

  #serve(): void {
    if (this.#cancelTimer !== undefined || this.#waiting.size === 0) return;
    const taken = takeToken(this.#bucket, this.#rate, this.#clock.monotonicMs());
    this.#bucket = taken.bucket;
    this.#cancelTimer = this.#clock.timer(taken.waitMs, () => {
      this.#cancelTimer = undefined;
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next[0]);
      this.#onTurn(...next);
      this.#serve();
    });
  }
}
