import { type Clock, ConnectError, HostKeyError, NoAddressError, type Random, type Target } from '@drover/spec';
import type { ParsedKey } from 'ssh2';
import { attemptDelayMs, type LastAttempt } from './attempt-gate.ts';
import type { Connection } from './connection.ts';
import { startDeadline } from './deadline.ts';
import { toConnectError } from './describe-error.ts';
import type { SshLimits } from './executor-options.ts';
import { handshake } from './handshake.ts';
import type { HandshakeLimiter } from './handshake-limiter.ts';
import { type HostKeyBlob, parseHostKey } from './host-key.ts';
import { type HostPort, parseAddress } from './parse-address.ts';
import { serviceTable } from './service-table.ts';
import type { OpenTransport } from './transport.ts';

/** What all executors of a factory share. */
export interface Shared {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: SshLimits;
  readonly limiter: HandshakeLimiter;
  readonly privateKey: ParsedKey;
  /** Opens the bytes to a host: TCP, or a channel of the bastion. */
  readonly openTransport: OpenTransport;
}

/** Makes connections to one host, never two attempts in quick succession. */
export class Connector {
  readonly #shared: Shared;
  #last: LastAttempt | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Forgets earlier attempts: the host is another one now. */
  reset(): void {
    this.#last = undefined;
  }

  /**
   * One attempt, after the least time since the one before. Rejects with NoAddressError, ConnectError, HostKeyError or
   * the signal's reason.
   */
  async connect(target: Target, keys: readonly string[], signal: AbortSignal): Promise<Connection> {
    const to = resolveTarget(target);
    const pins = parsePins(keys, target.address);
    const { clock, random, limits } = this.#shared;
    const delayMs = attemptDelayMs(this.#last, clock.monotonicMs(), random.next(), limits);
    if (delayMs > 0) await clock.sleep(delayMs, { signal });
    const where = `${target.user}@${to.host}:${to.port}`;
    const releaseHost = await this.#shared.limiter.host(`${to.host}:${to.port}`, signal);
    const attempt = { startedAtMs: clock.monotonicMs(), failed: true };
    this.#last = attempt;
    try {
      const connection = await this.#attempt({ target, to, pins, where }, signal);
      attempt.failed = false;
      return connection;
    } finally {
      releaseHost();
    }
  }

  async #attempt(
    host: {
      readonly target: Target;
      readonly to: HostPort;
      readonly pins: readonly HostKeyBlob[];
      readonly where: string;
    },
    signal: AbortSignal,
  ): Promise<Connection> {
    const { clock, limits, limiter, privateKey, openTransport } = this.#shared;
    const { target, to, pins, where } = host;
    const deadline = startDeadline({
      clock,
      timeoutMs: limits.connectTimeoutMs,
      signal,
      expired: () => new ConnectError(`${where}: no connection within ${limits.connectTimeoutMs} ms`),
    });
    try {
      const transport = await openTransport(to, deadline.signal);
      const releaseTotal = await limiter.total(deadline.signal).catch((error: unknown) => {
        transport.destroy();
        throw error;
      });
      try {
        return await handshake(
          { transport, where, user: target.user, privateKey, pins, limits, ...limits },
          deadline.signal,
        );
      } finally {
        releaseTotal();
      }
    } catch (error) {
      throw signal.aborted ? error : toConnectError(error, where);
    } finally {
      deadline.dispose();
    }
  }
}

function resolveTarget(target: Target): HostPort {
  if (target.address.trim() === '') throw new NoAddressError('the instance has no address');
  const to = parseAddress(target.address, target.port, serviceTable());
  if (to !== undefined) return to;
  throw new NoAddressError(`"${target.address}" with port "${target.port}" is not an address to connect to`, {
    fix: 'host, host:port or [IPv6 address]:port; the port is a number from 1 to 65535 or a service name',
  });
}

/** A pin that cannot be read must not count as "nothing pinned". */
function parsePins(keys: readonly string[], address: string): readonly HostKeyBlob[] {
  return keys.map((key) => {
    const blob = parseHostKey(key);
    if (blob !== undefined) return blob;
    throw new HostKeyError(`${address}: a pinned key cannot be read`, { fix: 'a pin is "<type> <base64>"' });
  });
}
