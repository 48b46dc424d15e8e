import type { CancelTimer, Clock, Unsubscribe } from '@drover/spec';

export interface ChangeSignalOptions {
  readonly clock: Clock;
  readonly onStoreChange: (listener: () => void) => Unsubscribe;
  /** Wakes everybody this often, in case a change was missed. */
  readonly pollMs: number;
}

/** Changes closer together than this wake the waiting once: a burst must not cost one look at the store per change. */
const burstMs = 20;

/** Lets many wait for changes of the store with one subscription and one timer, neither of which is there when nobody waits. */
export class ChangeSignal {
  readonly #options: ChangeSignalOptions;
  readonly #waiters = new Set<() => void>();
  #unsubscribe: Unsubscribe | undefined;
  #cancelPoll: CancelTimer | undefined;
  #cancelBurst: CancelTimer | undefined;
  #lastWakeMs = -Infinity;

  constructor(options: ChangeSignalOptions) {
    this.#options = options;
  }

  /** Resolves at the next change (perhaps), after `ms`, or when the signal is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', end);
        this.#waiters.delete(end);
        if (this.#waiters.size === 0) this.#stop();
        resolve();
      };
      const cancelTimer = this.#options.clock.timer(ms, end);
      signal.addEventListener('abort', end);
      this.#waiters.add(end);
      this.#start();
    });
  }

  #start(): void {
    this.#unsubscribe ??= this.#options.onStoreChange(() => this.#changed());
    this.#cancelPoll ??= this.#options.clock.timer(this.#options.pollMs, () => this.#wake());
  }

  #stop(): void {
    this.#unsubscribe?.();
    this.#cancelPoll?.();
    this.#cancelBurst?.();
    this.#unsubscribe = undefined;
    this.#cancelPoll = undefined;
    this.#cancelBurst = undefined;
  }

  #changed(): void {
    const sinceMs = this.#options.clock.monotonicMs() - this.#lastWakeMs;
    if (sinceMs >= burstMs) this.#wake();
    else this.#cancelBurst ??= this.#options.clock.timer(burstMs - sinceMs, () => this.#wake());
  }

  #wake(): void {
    this.#lastWakeMs = this.#options.clock.monotonicMs();
    for (const waiter of this.#waiters) waiter();
  }
}
