import type { CancelTimer, Clock } from '@drover/spec';

/** What a sync loop drives. */
export interface SyncLoopContext {
  readonly clock: Clock;
  /** One listing and what follows; never rejects; false when it failed. */
  readonly sync: () => Promise<boolean>;
  readonly intervalMs: number;
  /** The interval while something is awaited that only a listing can show. */
  readonly urgentMs: number;
  readonly isUrgent: () => boolean;
}

/** Lists again and again: every interval, sooner while something is awaited or after a failure. One listing at a time. */
export class SyncLoop {
  readonly #context: SyncLoopContext;
  #cancel: CancelTimer = () => undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #busy = false;
  #stopped = false;

  constructor(context: SyncLoopContext) {
    this.#context = context;
  }

  /** Lists at once. */
  start(): void {
    this.#arm(0);
  }

  /** Something may have become urgent. */
  review(): void {
    if (!this.#busy && this.#context.isUrgent()) this.#arm(this.#context.urgentMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Brings the next listing forward; never puts it off. */
  #arm(delayMs: number): void {
    const { clock } = this.#context;
    const dueAtMs = clock.monotonicMs() + delayMs;
    if (this.#stopped || dueAtMs >= this.#dueAtMs) return;
    this.#cancel();
    this.#dueAtMs = dueAtMs;
    this.#cancel = clock.timer(delayMs, () => {
      this.#run().catch(() => undefined);
    });
  }

  async #run(): Promise<void> {
    const { sync, intervalMs, urgentMs, isUrgent } = this.#context;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#busy = true;
    let ok = false;
    try {
      ok = await sync();
    } finally {
      this.#busy = false;
      this.#arm(ok && !isUrgent() ? intervalMs : Math.min(intervalMs, urgentMs));
    }
  }
}
