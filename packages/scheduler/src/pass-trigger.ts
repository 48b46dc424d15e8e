import type { Clock } from '@drover/spec';

/**
 * Runs a pass soon after each request: at once when the last pass is long enough ago, else after as much time as that pass
 * took. So a lone change waits for nothing, a burst costs few passes, and passes take half of the time at most.
 */
export class PassTrigger {
  readonly #clock: Clock;
  readonly #run: () => void;
  #requested = false;
  #closed = false;
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #lastTookMs = 0;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  request(): void {
    if (this.#requested || this.#closed) return;
    this.#requested = true;
    const waitMs = this.#lastEndMs + this.#lastTookMs - this.#clock.monotonicMs();
    if (waitMs > 0) this.#clock.timer(waitMs, () => this.#pass());
    // What happens in the same turn of the event loop belongs together; a timer would cost a millisecond.
    else queueMicrotask(() => this.#pass());
  }

  close(): void {
    this.#closed = true;
  }

  #pass(): void {
    if (this.#closed) return;
    this.#requested = false;
    const startMs = this.#clock.monotonicMs();
    this.#run();
    this.#lastEndMs = this.#clock.monotonicMs();
    this.#lastTookMs = this.#lastEndMs - startMs;
  }
}
