import type { CancelTimer, Clock } from '@drover/spec';
import type { Semaphore } from './semaphore.ts';

/** From a refusal, or from the last step up, to the next step up. */
const stepMs = 200;

/**
 * Learns how many sessions a server allows at once (OpenSSH's MaxSessions), up to the configured number: down at a
 * refusal, then up by one every 200 ms (a refused try costs one round trip). It has to go up again by itself: sshd counts
 * a session for a moment longer than we do, so a refusal may say less than it seems, and channels that stay open for
 * good must not keep commands out for good.
 */
export class SessionLimit {
  readonly #slots: Semaphore;
  readonly #configured: number;
  readonly #clock: Clock;
  #limit: number;
  #cancel: CancelTimer | undefined;

  constructor(slots: Semaphore, configured: number, clock: Clock) {
    this.#slots = slots;
    this.#configured = configured;
    this.#clock = clock;
    this.#limit = configured;
  }

  /** A session was refused; its slot is still held. True when other channels are open, whose end may make room. */
  refused(): boolean {
    const others = this.#slots.held - 1;
    this.#set(Math.min(this.#limit, Math.max(1, others)));
    return others > 0;
  }

  /** Stops the clock; the connection is lost. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #set(limit: number): void {
    this.stop();
    this.#limit = limit;
    this.#slots.setMax(limit);
    if (limit < this.#configured) this.#cancel = this.#clock.timer(stepMs, () => this.#set(limit + 1));
  }
}
