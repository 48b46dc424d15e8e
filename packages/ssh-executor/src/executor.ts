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
import { KeptConnection } from './kept-connection.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { isProhibited, openLineChannel, waysTo } from './open-line-channel.ts';
import { runCommand } from './run-command.ts';
import { toConnectError } from './describe-error.ts';
import { Trust } from './trust.ts';

/** What an operation is doing, for the message when its time is over. */
interface Progress {
  doing: 'connecting' | 'waiting for a channel' | 'running the command' | 'opening the channel';
}

/** One multiplexed SSH connection to one VM; connects on demand, again after a loss. */
export class SshExecutor implements Executor {
  readonly #shared: Shared;
  readonly #connector: Connector;
  readonly #kept: KeptConnection;
  readonly #trust = new Trust();
  #target: Target | undefined;
  #forwardingForbidden = false;
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
      this.#forwardingForbidden = false;
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
    if (connection !== undefined && !this.#trust.has(connection.key)) {
      connection.drop(new HostKeyError(`${connection.where}: the host shows another key than the one that was proven`));
    }
  }

  async run(command: Command, options: CallOptions): Promise<CommandResult> {
    const { limits } = this.#shared;
    const timeoutMs = command.timeoutMs ?? limits.commandTimeoutMs;
    return this.#within(timeoutMs, options.signal, async (deadline, progress) => {
      const connection = await this.#ready(deadline, progress);
      const proven = this.#mayUse(connection, command.allowUnverified ?? false);
      const wanted = command.maxOutputBytes ?? limits.maxOutputBytes;
      const slot = await connection.slots.acquire(deadline.signal);
      progress.doing = 'running the command';
      return runCommand(connection, command, {
        signal: deadline.signal,
        maxOutputBytes: proven ? wanted : Math.min(wanted, limits.maxUnverifiedOutputBytes),
        onReleased: slot,
      });
    });
  }

  async open(target: ChannelTarget, options: CallOptions): Promise<LineChannel> {
    const { limits } = this.#shared;
    return this.#within(limits.commandTimeoutMs, options.signal, async (deadline, progress) => {
      const connection = await this.#ready(deadline, progress);
      this.#mayUse(connection, false);
      let refusal: unknown;
      for (const via of waysTo(target, this.#forwardingForbidden)) {
        const slot = await connection.slots.acquire(deadline.signal);
        progress.doing = 'opening the channel';
        try {
          return await openLineChannel(connection, via, {
            signal: deadline.signal,
            maxLineBytes: target.maxLineBytes ?? limits.maxLineBytes,
            sendHighWaterBytes: limits.sendHighWaterBytes,
            sendLimitBytes: limits.sendLimitBytes,
            onReleased: slot,
          });
        } catch (error) {
          if (deadline.signal.aborted || connection.lost !== undefined) throw error;
          refusal = error;
          this.#forwardingForbidden ||= isProhibited(error);
        }
      }
      throw toConnectError(refusal, connection.where);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#kept.drop(new ConnectError('the executor is closed', { retryable: false }));
    return Promise.resolve();
  }

  /** Runs the body with a deadline; an error of its own kind says how far it got. */
  async #within<T>(
    timeoutMs: number,
    signal: AbortSignal,
    body: (deadline: Deadline, progress: Progress) => Promise<T>,
  ): Promise<T> {
    const progress: Progress = { doing: 'connecting' };
    const deadline = startDeadline({
      clock: this.#shared.clock,
      timeoutMs,
      signal,
      expired: () => {
        const message = `${this.#target?.address ?? 'no address'}: not done within ${timeoutMs} ms, while ${progress.doing}`;
        return progress.doing === 'connecting' ? new ConnectError(message) : new CommandTimeoutError(message);
      },
    });
    try {
      return await body(deadline, progress);
    } finally {
      deadline.dispose();
    }
  }

  async #ready(deadline: Deadline, progress: Progress): Promise<Connection> {
    const connection = await abortable(this.#connected(), deadline.signal);
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
    return this.#kept.get(this.#target, this.#trust.keys);
  }
}
