import type { CancelTimer, Clock } from '@drover/spec';

/** Runs out when nobody has been heard for so long. To be heard moves no timer: lines come by the million. */
export class DeadManTimer {
  readonly #clock: Clock;
  readonly #onRunOut: () => void;
  #limitMs = 0;
  #heardAtMs: number;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, onRunOut: () => void) {
    this.#clock = clock;
    this.#onRunOut = onRunOut;
    this.#heardAtMs = clock.monotonicMs();
  }

  /** How long nobody has been heard. */
  get silentMs(): number {
    return this.#clock.monotonicMs() - this.#heardAtMs;
  }

  heard(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    if (this.#cancel === undefined) this.arm();
  }

  /** From now on it runs out after this long; 0: never. */
  setLimit(limitMs: number): void {
    this.#limitMs = limitMs;
    this.arm();
  }

  /** Once more, though it may have run out before; when its time is over already, at once. */
  arm(): void {
    this.stop();
    if (this.#limitMs <= 0) return;
    this.#cancel = this.#clock.timer(this.#runsOutAtMs() - this.#clock.monotonicMs(), () => this.#due());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #due(): void {
    this.#cancel = undefined;
    // Somebody was heard since it was armed.
    if (this.#clock.monotonicMs() < this.#runsOutAtMs()) this.arm();
    else this.#onRunOut();
  }

  #runsOutAtMs(): number {
    return this.#heardAtMs + this.#limitMs;
  }
}
