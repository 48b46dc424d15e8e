import type { CancelTimer, Clock } from '@drover/spec';

/** One direction of a connection: things arrive in the order in which they were sent, each some time later. */
export class Wire {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  readonly #queue: { readonly atMs: number; readonly deliver: () => void }[] = [];
  #cancel: CancelTimer | undefined;
  #lastAtMs = 0;

  constructor(clock: Clock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  send(deliver: () => void): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, this.#clock.monotonicMs() + this.#delayMs());
    this.#queue.push({ atMs: this.#lastAtMs, deliver });
    this.#arm();
  }

  /** What is under way never arrives. */
  drop(): void {
    this.#queue.length = 0;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** What is under way arrives this much later. */
  delay(byMs: number): void {
    const late = this.#queue.map(({ atMs, deliver }) => ({ atMs: atMs + byMs, deliver }));
    this.drop();
    this.#queue.push(...late);
    this.#lastAtMs += byMs;
    this.#arm();
  }

  #arm(): void {
    const [head] = this.#queue;
    if (head === undefined || this.#cancel !== undefined) return;
    this.#cancel = this.#clock.timer(head.atMs - this.#clock.monotonicMs(), () => {
      this.#cancel = undefined;
      this.#queue.shift();
      this.#arm();
      head.deliver();
    });
  }
}
