import { type CallOptions, type Clock, QueueUnavailableError } from '@drover/spec';

/**
 * Gives every call to the queue a deadline that holds even when the queue ignores its signal, and ends them all at once
 * when the scheduler may not act any more.
 */
export class QueueCalls {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** Ends of the calls under way. A set, because listeners at one signal cost each call a search through all of them. */
  readonly #ends = new Set<(error: Error) => void>();
  #stopped: Error | undefined;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with QueueUnavailableError at the deadline or after `abort`: nothing is known of the outcome then. */
  async call<T>(operation: string, work: (options: CallOptions) => Promise<T>): Promise<T> {
    if (this.#stopped !== undefined) throw this.#stopped;
    const controller = new AbortController();
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (error: Error): void => {
      controller.abort(error);
      reject(error);
    };
    this.#ends.add(end);
    const cancelTimer = this.#clock.timer(this.#timeoutMs, () =>
      end(new QueueUnavailableError(`${operation}: the queue did not answer within ${this.#timeoutMs} ms`)),
    );
    try {
      return await Promise.race([work({ signal: controller.signal }), ended]);
    } finally {
      cancelTimer();
      this.#ends.delete(end);
    }
  }

  /** Nothing more is asked, and what is under way is given up. */
  abort(): void {
    this.#stopped = new QueueUnavailableError('the dispatcher has stopped');
    for (const end of this.#ends) end(this.#stopped);
  }
}
