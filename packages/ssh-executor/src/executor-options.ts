import type { Clock, Random } from '@drover/spec';

/** A jump host between the dispatcher and the VMs. */
export interface BastionOptions {
  /** Host, `host:port` or `[v6]:port`. */
  readonly address: string;
  /** Used when the address has no port; default `ssh`. */
  readonly port?: number | string;
  readonly user: string;
  /** Its public host keys, `<type> <base64>`; at least one: a bastion is never trusted on first use. */
  readonly hostKeys: readonly string[];
  /** Default: the key and passphrase for the VMs. */
  readonly privateKey?: Uint8Array | string;
  readonly passphrase?: string;
}

/** Limits and times of the executor. `sshDefaults` holds the reasons. */
export interface SshLimits {
  readonly maxChannels: number;
  readonly maxWaiting: number;
  readonly maxHandshakesPerHost: number;
  readonly maxHandshakes: number;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly keepaliveIntervalMs: number;
  readonly keepaliveCountMax: number;
  readonly failedAttemptGapMs: number;
  readonly attemptGapMs: number;
  readonly crowdWindowMs: number;
  readonly maxCrowdedRetries: number;
  readonly crowdedRetryMs: number;
  readonly unacknowledgedMs: number;
  readonly maxOutputBytes: number;
  readonly maxUnverifiedOutputBytes: number;
  readonly maxLineBytes: number;
  readonly sendHighWaterBytes: number;
  readonly sendLimitBytes: number;
}

/** What `createSshExecutorFactory` needs. */
export interface SshExecutorOptions {
  /** Content of the private key file (OpenSSH or PEM form): ed25519, ecdsa or rsa. */
  readonly privateKey: Uint8Array | string;
  readonly passphrase?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly bastion?: BastionOptions;
  readonly limits?: Partial<SshLimits>;
}

/** The defaults, once. */
export const sshDefaults: SshLimits = {
  /** OpenSSH allows 10 sessions on a connection (MaxSessions); the rest is left for a person and for hung commands. */
  maxChannels: 6,
  /** Commands that wait for a channel of one connection; more are refused. */
  maxWaiting: 256,
  /** Below the 10 unauthenticated connections from which sshd starts to drop (MaxStartups 10:30:100). */
  maxHandshakesPerHost: 8,
  /** About 1.5 ms of CPU each; this keeps the event loop's delay under 50 ms. */
  maxHandshakes: 32,
  /** From the first TCP packet to the end of authentication. */
  connectTimeoutMs: 20_000,
  /** The contract's default for a command. */
  commandTimeoutMs: 30_000,
  keepaliveIntervalMs: 15_000,
  keepaliveCountMax: 4,
  /** From the start of a failed attempt to the start of the next one; PerSourcePenalties lock out who is faster. */
  failedAttemptGapMs: 10_000,
  /** The same after a success that was lost at once; keeps a flapping host from becoming a hot loop. */
  attemptGapMs: 1_000,
  /** A host is crowded by us when more than one attempt at it began within this time. */
  crowdWindowMs: 10_000,
  /** New tries at a host that drops connections because we make several at once (MaxStartups). */
  maxCrowdedRetries: 5,
  /** Before the first of them, times 0.5 to 1.5; doubled each time. */
  crowdedRetryMs: 100,
  /** A request that the server did not even acknowledge for so long, in silence, condemns the connection. */
  unacknowledgedMs: 5_000,
  /** The contract's default, per stream. */
  maxOutputBytes: 1_048_576,
  /** Of a host that is not proven; enough for the instance secret. */
  maxUnverifiedOutputBytes: 64,
  /** The contract's default. */
  maxLineBytes: 1_048_576,
  /** Unsent bytes of a line channel from which `send` says false. */
  sendHighWaterBytes: 1_048_576,
  /** Unsent bytes at which a line channel is closed, because its user does not stop. */
  sendLimitBytes: 16_777_216,
};
