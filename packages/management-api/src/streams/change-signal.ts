import type { CancelTimer, Clock, Unsubscribe } from '@drover/spec';

export interface ChangeSignalOptions {
  readonly clock: Clock;
  readonly onStoreChange: (listener: () => void) => Unsubscribe;
  /** Wakes everybody this often, in case a change was missed. */
  readonly pollMs: number;
}

/** Changes closer together than this wake the waiting once: a burst must not cost one look at the store per change. */
const burstMs = 20;

/** Lets many wait for changes of the store with one subscription and one timer. */
export class ChangeSignal {
  readonly #options: ChangeSignalOptions;
  readonly #waiters = new Set<() => void>();
  #unsubscribe: Unsubscribe | undefined;
  #cancelPoll: CancelTimer | undefined;
  #cancelBurst: CancelTimer | undefined;
  #lastWakeMs = -Infinity;
  #version = 0;

  constructor(options: ChangeSignalOptions) {
    this.#options = options;
  }

  /** Grows with every change from the first look on. Read it before the store, and wait with it for what came after. */
  version(): number {
    this.#unsubscribe ??= this.#options.onStoreChange(() => this.#changed());
    return this.#version;
  }

  /** Resolves when there has been a change since `version` (perhaps), after `ms`, or when the signal is aborted. */
  async wait(version: number, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || version !== this.version()) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', end);
        this.#waiters.delete(end);
        if (this.#waiters.size === 0) this.#stopTimers();
        resolve();
      };
      const cancelTimer = this.#options.clock.timer(ms, end);
      signal.addEventListener('abort', end);
      this.#waiters.add(end);
      this.#cancelPoll ??= this.#options.clock.timer(this.#options.pollMs, () => this.#wake());
    });
  }

  /** Ends the subscription. */
  close(): void {
    this.#unsubscribe?.();
    this.#stopTimers();
  }

  #changed(): void {
    const sinceMs = this.#options.clock.monotonicMs() - this.#lastWakeMs;
    if (sinceMs >= burstMs) this.#wake();
    else this.#cancelBurst ??= this.#options.clock.timer(burstMs - sinceMs, () => this.#wake());
  }

  #wake(): void {
    this.#version += 1;
    this.#lastWakeMs = this.#options.clock.monotonicMs();
    this.#cancelBurst?.();
    this.#cancelBurst = undefined;
    for (const waiter of this.#waiters) waiter();
  }

  #stopTimers(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }
}
