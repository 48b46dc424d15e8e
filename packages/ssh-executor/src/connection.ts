import { type Clock, ConnectError } from '@drover/spec';
import type { Client, ClientChannel } from 'ssh2';
import { toConnectError } from './describe-error.ts';
import { Semaphore } from './semaphore.ts';
import { SessionLimit } from './session-limit.ts';
import type { Transport } from './transport.ts';

/** How a connection bounds its channels. */
export interface ConnectionLimits {
  readonly maxChannels: number;
  readonly maxWaiting: number;
}

/** An authenticated SSH connection. Once lost it stays lost. */
export class Connection {
  /** The key whose possession the host proved in the handshake, `<type> <base64>`. */
  readonly key: string;
  /** For messages. */
  readonly where: string;
  readonly slots: Semaphore;
  readonly sessions: SessionLimit;
  /** Grows with everything the server says about a channel; silence shows a frozen peer. */
  acknowledged = 0;
  readonly #client: Client;
  readonly #transport: Transport;
  readonly #listeners = new Set<(error: Error) => void>();
  #lost: Error | undefined;

  constructor(options: {
    readonly key: string;
    readonly where: string;
    readonly client: Client;
    readonly transport: Transport;
    readonly limits: ConnectionLimits;
    readonly clock: Clock;
  }) {
    this.key = options.key;
    this.where = options.where;
    this.#client = options.client;
    this.#transport = options.transport;
    this.slots = new Semaphore({
      max: options.limits.maxChannels,
      maxWaiting: options.limits.maxWaiting,
      full: () =>
        new ConnectError(`${options.where}: ${options.limits.maxWaiting} commands wait for a channel already`),
    });
    this.sessions = new SessionLimit(this.slots, options.limits.maxChannels, options.clock);
  }

  /** Why the connection is gone; undefined while it stands. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  /** Calls the listener once, with the reason, when the connection is lost; at once when it already is. */
  onLost(listener: (error: Error) => void): () => void {
    if (this.#lost !== undefined) {
      listener(this.#lost);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts a remote command. The callback is called once, also when the connection is lost meanwhile. */
  exec(command: string, callback: ChannelCallback): void {
    // allowHalfOpen: the end of stdin must not end the reading of stdout.
    this.#open((done) => this.#client.exec(command, { allowHalfOpen: true }, done), callback);
  }

  /** Connects to a unix socket on the host. */
  streamLocal(socketPath: string, callback: ChannelCallback): void {
    this.#open((done) => this.#client.openssh_forwardOutStreamLocal(socketPath, done), callback);
  }

  /** Connects to a TCP port as seen from the host. */
  forwardTcp(to: { readonly host: string; readonly port: number }, callback: ChannelCallback): void {
    this.#open((done) => this.#client.forwardOut('127.0.0.1', 0, to.host, to.port, done), callback);
  }

  /**
   * Ends the connection and all that is on it, now. ssh2's own `end()` would wait for the peer and turn a later
   * `destroy()` into a no-op, so the transport is ours.
   */
  drop(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#transport.destroy();
    this.sessions.stop();
    this.slots.rejectWaiting(error);
    for (const listener of this.#listeners) listener(error);
    this.#listeners.clear();
  }

  #open(start: (done: (error: Error | undefined, channel: ClientChannel) => void) => void, callback: ChannelCallback) {
    let called = false;
    const once: ChannelCallback = (error, channel) => {
      if (called) return;
      called = true;
      stopWaiting();
      callback(error, channel);
    };
    const stopWaiting = this.onLost((error) => queueMicrotask(() => once(error, undefined)));
    if (this.#lost !== undefined) return;
    try {
      start((error, channel) => {
        this.acknowledged += 1;
        if (this.#lost !== undefined) once(this.#lost, undefined);
        else if (error === undefined || error === null) once(undefined, channel);
        else once(error, undefined);
      });
    } catch (error) {
      // ssh2 throws 'Not connected' when the socket has ended but has not said so yet.
      const lost = toConnectError(error, this.where);
      this.drop(lost);
      once(lost, undefined);
    }
  }
}

/** Exactly one of the two is given. */
export type ChannelCallback = (error: Error | undefined, channel: ClientChannel | undefined) => void;
