import { type Clock, ConnectError, HostKeyError, NoAddressError, type Random, type Target } from '@drover/spec';
import type { ParsedKey } from 'ssh2';
import { attemptDelayMs, type LastAttempt } from './attempt-gate.ts';
import type { Connection } from './connection.ts';
import type { Crowd } from './crowd.ts';
import { startDeadline } from './deadline.ts';
import { toConnectError } from './describe-error.ts';
import { DroppedEarlyError } from './dropped-early-error.ts';
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
  readonly crowd: Crowd;
  readonly privateKey: ParsedKey;
  /** Opens the bytes to a host: TCP, or a channel of the bastion. */
  readonly openTransport: OpenTransport;
}

/** A host to connect to. */
interface Host {
  readonly target: Target;
  readonly to: HostPort;
  readonly pins: readonly HostKeyBlob[];
  /** For messages. */
  readonly where: string;
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
    const attempt = { startedAtMs: clock.monotonicMs(), failed: true };
    this.#last = attempt;
    try {
      const connection = await this.#insist({ target, to, pins, where }, signal);
      attempt.failed = false;
      return connection;
    } catch (error) {
      // Given up by ourselves (the keys have changed): that says nothing about the host.
      if (signal.aborted) attempt.failed = false;
      throw error;
    }
  }

  /**
   * Tries again when sshd drops what is too many (MaxStartups) and it is ourselves who crowd it, with several executors
   * at one address: sshd counts a connection for a moment longer than we do, so the limit on handshakes alone is not
   * enough. A host that only one executor talks to is never tried again here.
   */
  async #insist(host: Host, signal: AbortSignal): Promise<Connection> {
    const { clock, random, limits, limiter, crowd } = this.#shared;
    const address = `${host.to.host}:${host.to.port}`;
    crowd.note(address, clock.monotonicMs());
    for (let retries = 0; ; retries += 1) {
      const release = await limiter.host(address, signal);
      try {
        return await this.#attempt(host, signal);
      } catch (error) {
        const crowded = crowd.isCrowded(address, clock.monotonicMs());
        if (!(error instanceof DroppedEarlyError) || !crowded || retries >= limits.maxCrowdedRetries) throw error;
      } finally {
        release();
      }
      await clock.sleep(limits.crowdedRetryMs * 2 ** retries * (0.5 + random.next()), { signal });
    }
  }

  async #attempt(host: Host, signal: AbortSignal): Promise<Connection> {
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
          { transport, where, user: target.user, privateKey, pins, limits, clock, ...limits },
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
