import type { Clock } from '@drover/spec';
import type { ClientChannel } from 'ssh2';
import { onAbort } from './abortable.ts';
import { condemnSilent } from './condemn-silent.ts';
import type { ChannelCallback, Connection } from './connection.ts';
import { toConnectError } from './describe-error.ts';
import { isOpenRefusal, noSessionError } from './open-refusal.ts';
import type { Release } from './semaphore.ts';

/** sshd counts a session for a moment after we saw its end, so that one alone may be refused, too: 50 + 100 + … ms. */
const maxLoneTries = 5;
const loneRetryMs = 50;

/** What a channel leads to. */
export type ChannelEnd = { readonly command: string } | { readonly socketPath: string };

/** How a channel is opened. */
export interface OpenChannelOptions<T> {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly unacknowledgedMs: number;
  /** It is the caller's turn: from now on the server may have got the request. */
  readonly onSent: () => void;
  /**
   * Called with the open channel, synchronously: its data, exit status and end may follow in the very same packet, and
   * an event without listener is lost.
   */
  readonly attach: (channel: ClientChannel) => T | Promise<T>;
}

/**
 * Opens a channel when fewer than the allowed number are open, and gives back what `attach` makes of it. The channel
 * counts as open until the server has closed it, also when nobody waits for it any more: OpenSSH keeps the session of
 * an abandoned command, which counts against MaxSessions, until its process has ended. So a sick host is never loaded
 * with more than `maxChannels` commands that hang. Rejects with ConnectError, the server's refusal (a plain Error with
 * `reason`) or the signal's reason.
 */
export async function openChannel<T>(
  connection: Connection,
  end: ChannelEnd,
  options: OpenChannelOptions<T>,
): Promise<T> {
  for (let tries = 0; ;) {
    const release = await connection.slots.acquire(options.signal);
    options.onSent();
    try {
      return await request(connection, end, options, release);
    } catch (error) {
      if (!('command' in end) || connection.lost !== undefined || !isOpenRefusal(error)) throw error;
      const othersAreOpen = connection.sessions.refused();
      release();
      if (othersAreOpen) continue;
      tries += 1;
      if (tries > maxLoneTries) {
        const reason = noSessionError(connection.where, error);
        connection.drop(reason);
        throw reason;
      }
      await options.clock.sleep(loneRetryMs * tries, { signal: options.signal });
    }
  }
}

/** Releases when the channel has ended, or was not opened for another reason than a refusal that may be retried. */
function request<T>(
  connection: Connection,
  end: ChannelEnd,
  options: OpenChannelOptions<T>,
  release: Release,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = { sentAtMs: options.clock.monotonicMs(), acknowledged: connection.acknowledged };
    let aborted = false;
    const stop = onAbort(options.signal, (reason) => {
      aborted = true;
      condemnSilent(connection, sent, options);
      reject(reason);
    });
    const opened: ChannelCallback = (error, channel) => {
      if (!aborted) stop();
      if (channel === undefined) {
        if (aborted || !isOpenRefusal(error) || !('command' in end)) release();
        reject(isOpenRefusal(error) ? error : toConnectError(error, connection.where));
        return;
      }
      channel.on('error', ignore);
      channel.stderr.on('error', ignore);
      channel.on('close', () => {
        connection.acknowledged += 1;
        release();
      });
      if (aborted) discard(channel);
      else resolve(options.attach(channel));
    };
    if ('socketPath' in end) connection.streamLocal(end.socketPath, opened);
    else connection.exec(end.command, opened);
  });
}

/** Nobody waits for it: what comes is thrown away, because a channel with unread output never closes. */
export function discard(channel: ClientChannel): void {
  channel.resume();
  channel.stderr.resume();
  channel.end();
  channel.close();
}

/** A write to a channel whose peer has gone fails; its end says all there is to say. */
function ignore(): void {
  return undefined;
}
