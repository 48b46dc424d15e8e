import { ConfigError, ConnectError, type Target } from '@drover/spec';
import type { ClientChannel } from 'ssh2';
import { abortable, onAbort } from './abortable.ts';
import type { Connection } from './connection.ts';
import { toConnectError } from './describe-error.ts';
import type { BastionOptions } from './executor-options.ts';
import { parseHostKey } from './host-key.ts';
import { type Connect, KeptConnection } from './kept-connection.ts';
import type { HostPort } from './parse-address.ts';
import type { OpenTransport, Transport } from './transport.ts';

/**
 * Opens byte streams to hosts behind a jump host, all over one connection to it (sshd does not count forwarded
 * connections as sessions). The connection is dropped when nothing uses it. The jump host only carries bytes: each host
 * behind it is authenticated and pinned by itself.
 * Throws ConfigError when no host key is configured: a jump host is never trusted on first use.
 */
export function createBastion(options: BastionOptions, connect: Connect): OpenTransport {
  const target: Target = {
    address: options.address,
    port: options.port ?? 'ssh',
    user: options.user,
    pinnedKeys: checkHostKeys(options.hostKeys),
  };
  const kept = new KeptConnection(connect);
  let users = 0;
  const leave = (): void => {
    users -= 1;
    if (users === 0) kept.drop(new ConnectError('the bastion is not in use any more'));
  };
  return async (to, signal) => {
    users += 1;
    try {
      const connection = await abortable(kept.get(target, target.pinnedKeys), signal);
      const channel = await forward(connection, to, signal);
      return toTransport(channel, leave);
    } catch (error) {
      leave();
      throw signal.aborted ? error : toConnectError(error, `bastion ${options.address}`);
    }
  };
}

function checkHostKeys(hostKeys: readonly string[]): readonly string[] {
  const path = 'bastion.hostKeys';
  if (hostKeys.length === 0) {
    const fix = 'add the lines that `ssh-keyscan <bastion>` prints, once you have checked them';
    throw new ConfigError([{ code: 'CONFIG_INVALID', path, message: 'the bastion has no host key', fix }]);
  }
  const bad = hostKeys.filter((key) => parseHostKey(key) === undefined);
  if (bad.length === 0) return hostKeys;
  const message = `not a public host key: ${bad.join(', ')}`;
  throw new ConfigError([{ code: 'CONFIG_INVALID', path, message, fix: 'a key is "<type> <base64>"' }]);
}

function forward(connection: Connection, to: HostPort, signal: AbortSignal): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, reject);
    connection.forwardTcp(to, (error, channel) => {
      stop();
      if (channel === undefined) reject(error ?? new Error('no channel'));
      else if (signal.aborted) discard(channel);
      else resolve(channel);
    });
  });
}

function toTransport(channel: ClientChannel, leave: () => void): Transport {
  let left = false;
  const leaveOnce = (): void => {
    if (left) return;
    left = true;
    leave();
  };
  channel.on('error', () => undefined);
  channel.on('close', leaveOnce);
  return {
    stream: channel,
    destroy: () => {
      discard(channel);
      leaveOnce();
    },
  };
}

/** Unread bytes would keep the channel from closing. */
function discard(channel: ClientChannel): void {
  channel.on('error', () => undefined);
  channel.resume();
  channel.destroy();
}
