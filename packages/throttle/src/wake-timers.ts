import type { CancelTimer, Clock } from '@drover/spec';

/** Calls `wake` when a period ends; a period of the same name that is set again replaces the one before. */
export class WakeTimers {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #timers = new Map<string, CancelTimer>();

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** `untilMs` is monotonic. */
  wakeAt(name: string, untilMs: number): void {
    this.#timers.get(name)?.();
    const cancel = this.#clock.timer(untilMs - this.#clock.monotonicMs(), () => {
      this.#timers.delete(name);
      this.#wake();
    });
    this.#timers.set(name, cancel);
  }

  /** Cancels all of them. */
  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
