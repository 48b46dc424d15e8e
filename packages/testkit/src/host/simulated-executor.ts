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
import { runCommand } from './host-commands.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { SimulatedLine } from './simulated-line.ts';

const defaultCommandTimeoutMs = 30_000;
const handshakeTimeoutMs = 20_000;
/** Given as the reason to whatever is left of a command that has ended; made once, for errors are dear. */
const over = new Error('the command is over');

/** What an executor is made with. */
export interface SimulatedNetwork {
  readonly find: (address: string) => SimulatedHost | undefined;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called once, when the executor is closed. */
  readonly onClose: () => void;
}

/** One way to one host. */
interface Connection {
  readonly host: SimulatedHost;
  /** What the host showed when it was made. */
  readonly key: string;
  /** The host's, when it was made. */
  readonly resets: number;
}

/** An executor over simulated hosts: finds the host by the target's address at each connection. */
export class SimulatedExecutor implements Executor {
  readonly #find: (address: string) => SimulatedHost | undefined;
  readonly #onClose: () => void;
  readonly #lines = new Set<SimulatedLine>();
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  #target: Target = { address: '', port: 22, user: 'root', pinnedKeys: [] };
  #connection: Connection | undefined;
  #trusted: string | undefined;
  #commands = 0;
  #closed = false;

  constructor(network: SimulatedNetwork) {
    this.#find = network.find;
    this.#sleep = network.sleep;
    this.#onClose = network.onClose;
  }

  setTarget(target: Target): void {
    const changed =
      target.address !== this.#target.address || target.pinnedKeys.join() !== this.#target.pinnedKeys.join();
    const key = this.#connection?.key;
    const keyStays = key !== undefined && (target.pinnedKeys.length === 0 || target.pinnedKeys.includes(key));
    if (changed && (target.address !== this.#target.address || !keyStays)) this.#drop();
    this.#target = target;
  }

  async connect({ signal }: CallOptions): Promise<string> {
    if (this.#closed) throw new ConnectError('The executor is closed.');
    const present = this.#connection;
    const lives = present?.host.alive === true && present.host.resets === present.resets;
    if (present !== undefined && lives && present.host.hostKey === present.key) return present.key;
    this.#drop();
    const { address, pinnedKeys } = this.#target;
    if (address === '') throw new NoAddressError('The instance has no address yet.');
    const host = this.#find(address);
    if (host === undefined || !host.alive || host.faults.refuseConnections)
      throw new ConnectError(`${address} refuses connections.`);
    if (host.faults.frozen) {
      await this.#sleep(handshakeTimeoutMs, signal);
      throw new ConnectError(`${address} does not answer.`);
    }
    if (!host.beginHandshake()) throw new ConnectError(`${address} has too many handshakes under way.`);
    try {
      await this.#travel(host, signal);
    } finally {
      host.endHandshake();
    }
    const key = host.hostKey;
    if (pinnedKeys.length > 0 && !pinnedKeys.includes(key))
      throw new HostKeyError(`${address} presents another host key than the one pinned.`);
    if (pinnedKeys.includes(key)) this.#trusted = key;
    this.#connection = { host, key, resets: host.resets };
    return key;
  }

  trust(key: string): void {
    this.#trusted = key;
  }

  async run(command: Command, { signal }: CallOptions): Promise<CommandResult> {
    const { host } = await this.#connected({ signal }, command.allowUnverified === true);
    this.#checkSessions(host);
    this.#commands += 1;
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const timeUp = this.#sleep(command.timeoutMs ?? defaultCommandTimeoutMs, stop.signal).then(() => {
      throw new CommandTimeoutError('The command did not end in time.');
    });
    try {
      return await Promise.race([this.#carryOut(host, command, stop.signal), timeUp]);
    } finally {
      this.#commands -= 1;
      signal.removeEventListener('abort', onAbort);
      // Whatever of the two is left ends now, unheard.
      timeUp.catch(() => undefined);
      stop.abort(over);
    }
  }

  async #carryOut(host: SimulatedHost, command: Command, signal: AbortSignal): Promise<CommandResult> {
    const { resets } = host;
    const checkConnection = (): void => {
      if (host.resets !== resets) throw new ConnectError(`The connection to ${host.address} was reset.`);
    };
    await this.#travel(host, signal);
    checkConnection();
    host.hooks.onArrival?.(host.instanceId, { command, channels: 0 });
    const result = runCommand(host.commands, command.command);
    await this.#travel(host, signal);
    checkConnection();
    if (host.strikes('reply-lost', host.faults.replyLostRate)) {
      this.#drop();
      throw new ConnectError('The connection broke before the command answered.');
    }
    if (host.strikes('exit-status-lost', host.faults.exitStatusLostRate))
      throw new ConnectError('The channel was closed without an exit status.');
    return command.maxOutputBytes === undefined
      ? result
      : { ...result, stdout: result.stdout.slice(0, command.maxOutputBytes) };
  }

  async open(_target: ChannelTarget, options: CallOptions): Promise<LineChannel> {
    const { host, key } = await this.#connected(options, false);
    if (host.faults.refuseChannels || host.faults.agentDead) throw new ConnectError('No channel could be opened.');
    const { resets } = host;
    await this.#travel(host, options.signal);
    if (host.resets !== resets) throw new ConnectError(`The connection to ${host.address} was reset.`);
    this.#checkSessions(host);
    const line = host.openChannel(key);
    this.#lines.add(line);
    host.hooks.onArrival?.(host.instanceId, { command: undefined, channels: this.#lines.size });
    line.onClose(() => {
      this.#lines.delete(line);
    });
    return line;
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#onClose();
    this.#closed = true;
    this.#drop();
  }

  async #connected(options: CallOptions, allowUnverified: boolean): Promise<Connection> {
    const key = await this.connect(options);
    if (!allowUnverified && key !== this.#trusted) throw new HostKeyError('The host is not proven.');
    const connection = this.#connection;
    if (connection === undefined) throw new ConnectError('The connection was lost.');
    return connection;
  }

  async #travel(host: SimulatedHost, signal: AbortSignal): Promise<void> {
    if (host.latencyMs > 0) await this.#sleep(host.latencyMs, signal);
    // A frozen host answers nothing for ever; the caller's deadline ends the wait.
    if (host.faults.frozen || !host.alive) await this.#sleep(Number.MAX_SAFE_INTEGER, signal);
    if (this.#closed) throw new ConnectError('The executor is closed.');
  }

  #checkSessions(host: SimulatedHost): void {
    if (!host.mayOpenSession(this.#lines.size + this.#commands))
      throw new ConnectError('Channel open failure: the server allows no more sessions on this connection.');
  }

  #drop(): void {
    this.#connection = undefined;
    for (const line of this.#lines) line.close();
  }
}
