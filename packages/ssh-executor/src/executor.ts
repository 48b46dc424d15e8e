import {
  type CallOptions,
  type ChannelTarget,
  type Command,
  type CommandResult,
  CommandTimeoutError,
  ConnectError,
  type Executor,
  HostKeyError,
  type LineChannel,
  NoAddressError,
  type Target,
} from '@drover/spec';
import { abortable } from './abortable.ts';
import type { Connection } from './connection.ts';
import { Connector, type Shared } from './connector.ts';
import { startDeadline } from './deadline.ts';
import { ForwardingMemory } from './forwarding-memory.ts';
import { KeptConnection } from './kept-connection.ts';
import { type ChannelEnd, openChannel } from './open-channel.ts';
import { attachLineChannel } from './attach-line-channel.ts';
import { isOpenRefusal } from './open-refusal.ts';
import { followCommand } from './follow-command.ts';
import { Trust } from './trust.ts';

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254 section 5.1. */
const administrativelyProhibited = 1;

/** What an operation is doing, for the message when its time is over. */
interface Progress {
  doing: 'connecting' | 'waiting for a channel' | 'running the command' | 'opening the channel';
}

/** A line channel that is being opened. */
interface Opening {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly maxLineBytes: number | undefined;
}

/** One multiplexed SSH connection to one VM; connects on demand, again after a loss. */
export class SshExecutor implements Executor {
  readonly #shared: Shared;
  readonly #connector: Connector;
  readonly #kept: KeptConnection;
  readonly #trust = new Trust();
  readonly #forwarding = new ForwardingMemory();
  #target: Target | undefined;
  #closed = false;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.#connector = new Connector(shared);
    this.#kept = new KeptConnection((target, keys, signal) => this.#connector.connect(target, keys, signal));
  }

  setTarget(target: Target): void {
    const before = this.#target;
    const moved =
      before === undefined ||
      before.address !== target.address ||
      before.port !== target.port ||
      before.user !== target.user;
    this.#target = target;
    const rekeyed = this.#trust.pin(target.pinnedKeys);
    if (moved) {
      this.#connector.reset();
      this.#forwarding.reset();
    }
    if (moved || rekeyed) this.#kept.drop(new ConnectError('the address or the keys of the instance have changed'));
  }

  async connect(options: CallOptions): Promise<string> {
    const connection = await abortable(this.#connected(), options.signal);
    return connection.key;
  }

  trust(key: string): void {
    this.#trust.trust(key);
    const connection = this.#kept.current;
    if (connection !== undefined && !this.#trust.has(connection.key)) connection.drop(strangerError(connection));
  }

  async run(command: Command, options: CallOptions): Promise<CommandResult> {
    const { limits } = this.#shared;
    const timeoutMs = command.timeoutMs ?? limits.commandTimeoutMs;
    return this.#within(timeoutMs, options.signal, async (signal, progress) => {
      const connection = await this.#ready(signal, progress);
      const wanted = command.maxOutputBytes ?? limits.maxOutputBytes;
      const proven = this.#mayUse(connection, command.allowUnverified ?? false);
      const maxOutputBytes = proven ? wanted : Math.min(wanted, limits.maxUnverifiedOutputBytes);
      return openChannel(connection, command, {
        signal,
        clock: this.#shared.clock,
        unacknowledgedMs: limits.unacknowledgedMs,
        onSent: () => {
          progress.doing = 'running the command';
        },
        attach: (channel) => followCommand(connection, channel, command.stdin, { signal, maxOutputBytes }),
      });
    });
  }

  async open(target: ChannelTarget, options: CallOptions): Promise<LineChannel> {
    return this.#within(this.#shared.limits.commandTimeoutMs, options.signal, async (signal, progress) => {
      const connection = await this.#ready(signal, progress);
      this.#mayUse(connection, false);
      const { socketPath, command, maxLineBytes } = target;
      const opening: Opening = { connection, signal, progress, maxLineBytes };
      if (socketPath === undefined || !this.#forwarding.shouldTry(connection)) {
        return this.#openLines({ command }, opening, () => undefined);
      }
      try {
        return await this.#openLines({ socketPath }, opening, () => undefined);
      } catch (error) {
        if (!isOpenRefusal(error)) throw error;
        if (error.reason === administrativelyProhibited) this.#forwarding.forbidden();
        return this.#openLines({ command }, opening, () => this.#forwarding.useless(connection));
      }
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#kept.drop(new ConnectError('the executor is closed', { retryable: false }));
    return Promise.resolve();
  }

  #openLines(end: ChannelEnd, opening: Opening, onFirstBytes: () => void): Promise<LineChannel> {
    const { clock, limits } = this.#shared;
    const { connection, signal, progress, maxLineBytes } = opening;
    return openChannel<LineChannel>(connection, end, {
      signal,
      clock,
      unacknowledgedMs: limits.unacknowledgedMs,
      onSent: () => {
        progress.doing = 'opening the channel';
      },
      attach: (channel) => {
        const bounds = { ...limits, maxLineBytes: maxLineBytes ?? limits.maxLineBytes };
        return attachLineChannel(connection, channel, bounds, onFirstBytes);
      },
    });
  }

  /** Runs the body with a deadline whose error says how far it got. */
  async #within<T>(
    timeoutMs: number,
    signal: AbortSignal,
    body: (signal: AbortSignal, progress: Progress) => Promise<T>,
  ): Promise<T> {
    const progress: Progress = { doing: 'connecting' };
    const expired = (): Error => {
      const address = this.#target?.address ?? 'no address';
      const message = `${address}: not done within ${timeoutMs} ms, while ${progress.doing}`;
      return progress.doing === 'connecting' ? new ConnectError(message) : new CommandTimeoutError(message);
    };
    const deadline = startDeadline({ clock: this.#shared.clock, timeoutMs, signal, expired });
    try {
      return await body(deadline.signal, progress);
    } finally {
      deadline.dispose();
    }
  }

  async #ready(signal: AbortSignal, progress: Progress): Promise<Connection> {
    const connection = await abortable(this.#connected(), signal);
    progress.doing = 'waiting for a channel';
    return connection;
  }

  /** True when the host is proven. Throws HostKeyError when it is not and has to be. */
  #mayUse(connection: Connection, allowUnverified: boolean): boolean {
    const proven = this.#trust.has(connection.key);
    if (proven || allowUnverified) return proven;
    throw new HostKeyError(`${connection.where}: nothing proves yet that this is the right host`);
  }

  async #connected(): Promise<Connection> {
    if (this.#closed) throw new ConnectError('the executor is closed', { retryable: false });
    if (this.#target === undefined) throw new NoAddressError('the instance has no address');
    const connection = await this.#kept.get(this.#target, this.#trust.keys);
    this.#refuseStranger(connection);
    return connection;
  }

  /** A key may have been proven since the handshake began, when any was still accepted. */
  #refuseStranger(connection: Connection): void {
    if (this.#trust.keys.length === 0 || this.#trust.has(connection.key)) return;
    const error = strangerError(connection);
    connection.drop(error);
    throw error;
  }
}

function strangerError(connection: Connection): HostKeyError {
  return new HostKeyError(`${connection.where}: the host shows another key than the one that was proven`);
}
