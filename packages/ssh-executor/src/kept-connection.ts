import type { Target } from '@drover/spec';
import type { Connection } from './connection.ts';
import { toConnectError } from './describe-error.ts';

/** Makes one connection; `Connector.connect`. */
export type Connect = (target: Target, keys: readonly string[], signal: AbortSignal) => Promise<Connection>;

interface Attempt {
  readonly promise: Promise<Connection>;
  readonly abort: AbortController;
}

/** At most one connection, or one attempt at it, that everybody shares; made anew after a loss. */
export class KeptConnection {
  readonly #connect: Connect;
  #connection: Connection | undefined;
  #attempt: Attempt | undefined;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** The connection that stands now. */
  get current(): Connection | undefined {
    return this.#connection;
  }

  /**
   * The present connection or a new one. An attempt goes on when those who wait for it have given up: it is bounded by
   * itself, and the next caller gains from it.
   */
  get(target: Target, keys: readonly string[]): Promise<Connection> {
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    this.#attempt ??= this.#start(target, keys);
    return this.#attempt.promise;
  }

  /** Drops the connection or the attempt, now. */
  drop(reason: Error): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.abort.abort(reason);
    this.#connection?.drop(reason);
  }

  #start(target: Target, keys: readonly string[]): Attempt {
    const abort = new AbortController();
    const attempt = { promise: this.#run(target, keys, abort.signal), abort };
    const forget = (): void => {
      if (this.#attempt === attempt) this.#attempt = undefined;
    };
    attempt.promise.then(forget, forget);
    return attempt;
  }

  async #run(target: Target, keys: readonly string[], signal: AbortSignal): Promise<Connection> {
    let connection: Connection;
    try {
      connection = await this.#connect(target, keys, signal);
    } catch (error) {
      throw toConnectError(error, target.address);
    }
    if (signal.aborted) {
      const reason = toConnectError(signal.reason, target.address);
      connection.drop(reason);
      throw reason;
    }
    this.#connection = connection;
    connection.onLost(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    return connection;
  }
}
