import type { CallOptions, Unsubscribe } from './clock.ts';

/** Where and as whom to connect. */
export interface Target {
  /** Host, `host:port`, or `[v6]:port`; a port here wins over `port`. */
  readonly address: string;
  /** Port number or service name. */
  readonly port: number | string;
  readonly user: string;
  /** Keys proven earlier; empty means that none is known and the first one presented is accepted tentatively. */
  readonly pinnedKeys: readonly string[];
}

export interface Command {
  /** A shell command line. Never holds a secret. */
  readonly command: string;
  /** Sent on standard input, which is then closed. */
  readonly stdin?: string | Uint8Array;
  /** Default 30 s. The remote command may run on after it. */
  readonly timeoutMs?: number;
  /** stdout and stderr each stop being kept (but are still read) after this many bytes; default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** May it run before the host is proven? Only for commands that send and reveal nothing secret; output ≤ 64 bytes then. */
  readonly allowUnverified?: boolean;
}

/** How a command ended. `exitCode` ≠ 0 is data, not an error; both undefined cannot happen (that rejects with ConnectError). */
export interface CommandResult {
  readonly exitCode: number | undefined;
  /** `SIGKILL`, … when a signal ended it. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** What to open a channel to. */
export interface ChannelTarget {
  /** A unix socket on the VM, reached by stream-local forwarding: no process on the VM. */
  readonly socketPath?: string;
  /** The command that speaks the same protocol on stdio, where sshd forbids forwarding. */
  readonly command: string;
  /** A line longer than this closes the channel; default 1 MiB. */
  readonly maxLineBytes?: number;
}

/** A long-lived duplex channel of lines. Bounded both ways. */
export interface LineChannel {
  /** False when the peer does not keep up (the line was queued): stop until `onDrain`. Throws ConnectError once closed. */
  send(line: string): boolean;
  /** True while lines of this turn of the event loop have not left yet: one more would travel with them. Optional. */
  readonly sending?: boolean;
  onLine(listener: (line: string) => void): Unsubscribe;
  onDrain(listener: () => void): Unsubscribe;
  /** Called exactly once, however it ended; `error` is undefined when this side closed it. */
  onClose(listener: (error: Error | undefined) => void): Unsubscribe;
  close(): void;
}

/**
 * One multiplexed connection to one VM. Connects on demand, again after a loss. Rejects with ConnectError, HostKeyError,
 * NoAddressError or CommandTimeoutError.
 */
export interface Executor {
  /** Takes effect at the next connection; a changed address or key set drops the present one. */
  setTarget(target: Target): void;
  /** Connects if necessary; resolves with the key the host presented, `<type> <base64>`. */
  connect(options: CallOptions): Promise<string>;
  /** Marks this key as proven: commands that need a verified host may run from now on. */
  trust(key: string): void;
  /** Rejects with HostKeyError when the host is not proven and the command does not allow that. */
  run(command: Command, options: CallOptions): Promise<CommandResult>;
  /** Opens the control channel; the host must be proven. */
  open(target: ChannelTarget, options: CallOptions): Promise<LineChannel>;
  /** Drops the connection and everything on it, at once. The executor cannot be used afterwards. */
  close(): Promise<void>;
}

/** Makes the executor for one VM; it opens nothing yet. */
export type ExecutorFactory = (instanceId: string) => Executor;
