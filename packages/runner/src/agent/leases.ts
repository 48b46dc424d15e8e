import type { Clock, RunnerLeases } from '@drover/spec';

/**
 * How long the VM may go without a dispatcher. Any line renews both, but a start that comes after the accept lease has run out
 * does not renew it: such a start may have lingered on the way while the dispatcher gave the VM up.
 */
export class Leases {
  readonly #clock: Clock;
  #lastLineMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastLineMs = clock.monotonicMs();
  }

  renew(): void {
    this.#lastLineMs = this.#clock.monotonicMs();
  }

  /** May something new be started? */
  accepts(leases: RunnerLeases): boolean {
    return this.#silentMs() <= leases.acceptMs;
  }

  /** Is the VM to end itself, provided that it holds nothing? */
  isAbandoned(leases: RunnerLeases): boolean {
    return leases.deadManMs > 0 && this.#silentMs() > leases.deadManMs;
  }

  #silentMs(): number {
    return this.#clock.monotonicMs() - this.#lastLineMs;
  }
}
