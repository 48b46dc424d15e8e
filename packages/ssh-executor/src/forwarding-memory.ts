import type { Connection } from './connection.ts';

/**
 * Remembers where stream-local forwarding is of no use, so that it is not tried at every opening. OpenSSH answers
 * "connect failed" both when forwarding is forbidden and when the socket is not there (yet); so its refusal counts only
 * once the command that speaks the same protocol has answered, and only for that connection.
 */
export class ForwardingMemory {
  #forbidden = false;
  #useless: Connection | undefined;

  shouldTry(connection: Connection): boolean {
    return !this.#forbidden && this.#useless !== connection;
  }

  /** The server says in so many words that it forbids forwarding. */
  forbidden(): void {
    this.#forbidden = true;
  }

  /** The command answered on a connection where the forward was refused. */
  useless(connection: Connection): void {
    this.#useless = connection;
  }

  /** The host is another one now. */
  reset(): void {
    this.#forbidden = false;
    this.#useless = undefined;
  }
}
