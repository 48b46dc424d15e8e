import type { CancelTimer, Clock } from '@drover/spec';

/** So many passes may follow each other within one turn of the event loop; then everything else gets its turn first. */
const maxPassesPerTurn = 32;

/**
 * Runs a pass soon after each request: at once when the last pass is long enough ago, else after as much time as that pass
 * took. So a lone change waits for nothing, a burst costs few passes, and passes take half of the time at most.
 */
export class PassTrigger {
  readonly #clock: Clock;
  readonly #run: () => void;
  readonly #minIntervalMs: number;
  #requested = false;
  #closed = false;
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #lastTookMs = 0;
  /** Counted from a turn that is known to have ended. */
  #passesInTurn = 0;
  #cancelPass: CancelTimer = () => undefined;
  #cancelTurn: CancelTimer | undefined;

  /** `minIntervalMs`: from the end of one pass to the begin of the next at least. */
  constructor(clock: Clock, run: () => void, minIntervalMs = 0) {
    this.#clock = clock;
    this.#run = run;
    this.#minIntervalMs = minIntervalMs;
  }

  request(): void {
    if (this.#requested || this.#closed) return;
    this.#requested = true;
    const waitMs = this.#lastEndMs + Math.max(this.#lastTookMs, this.#minIntervalMs) - this.#clock.monotonicMs();
    if (waitMs > 0 || this.#passesInTurn >= maxPassesPerTurn)
      this.#cancelPass = this.#clock.timer(waitMs, () => this.#pass());
    // What happens in the same turn of the event loop belongs together; a timer would cost a millisecond.
    else queueMicrotask(() => this.#pass());
  }

  close(): void {
    this.#closed = true;
    this.#cancelPass();
    this.#cancelTurn?.();
  }

  #pass(): void {
    if (this.#closed) return;
    this.#requested = false;
    this.#countPass();
    const startMs = this.#clock.monotonicMs();
    this.#run();
    this.#lastEndMs = this.#clock.monotonicMs();
    this.#lastTookMs = this.#lastEndMs - startMs;
  }

  /** A timer tells when the turn has ended; set late, because most turns have one or two passes. */
  #countPass(): void {
    this.#passesInTurn += 1;
    if (this.#passesInTurn < maxPassesPerTurn / 2) return;
    this.#cancelTurn ??= this.#clock.timer(0, () => {
      this.#cancelTurn = undefined;
      this.#passesInTurn = 0;
    });
  }
}
