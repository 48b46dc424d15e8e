import { type ChannelTarget, ConnectError, type LineChannel } from '@drover/spec';
import type { ClientChannel } from 'ssh2';
import { onAbort } from './abortable.ts';
import type { Connection } from './connection.ts';
import { toConnectError } from './describe-error.ts';
import { StreamLineChannel } from './line-channel.ts';

/** How a line channel is bounded. */
export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly maxLineBytes: number;
  readonly sendHighWaterBytes: number;
  readonly sendLimitBytes: number;
  /** Called once, when the server has ended the channel or refused it. */
  readonly onReleased: () => void;
}

/** A command or socket on the host, open for reading and writing. Rejects with ConnectError or the signal's reason. */
export async function openLineChannel(
  connection: Connection,
  via: { readonly socketPath: string } | { readonly command: string },
  options: OpenOptions,
): Promise<LineChannel> {
  const channel = await openChannel(connection, via, options);
  let stderrTail = '';
  let exit = '';
  channel.stderr?.on('data', (chunk: Buffer) => {
    stderrTail = (stderrTail + chunk.toString('utf8')).slice(-400);
  });
  channel.stderr?.on('error', () => undefined);
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = code === null ? `signal ${signal}` : `exit code ${code}`;
  });
  const lines = new StreamLineChannel({
    stream: channel,
    where: connection.where,
    maxLineBytes: options.maxLineBytes,
    sendHighWaterBytes: options.sendHighWaterBytes,
    sendLimitBytes: options.sendLimitBytes,
    end: () => channel.close(),
    explainEnd: () => new ConnectError(explainEnd(connection.where, exit, stderrTail)),
  });
  const stopLost = connection.onLost((error) => lines.fail(error));
  channel.on('close', () => {
    stopLost();
    connection.acknowledged += 1;
    options.onReleased();
  });
  return lines;
}

/** Is this the answer of a server that forbids what was asked (1, administratively prohibited), whatever the state? */
export function isProhibited(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 1;
}

function openChannel(
  connection: Connection,
  via: { readonly socketPath: string } | { readonly command: string },
  options: OpenOptions,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(options.signal, reject);
    const opened = (error: Error | undefined, channel: ClientChannel | undefined): void => {
      stop();
      if (channel === undefined) {
        options.onReleased();
        reject(error ?? toConnectError('no channel', connection.where));
      } else if (options.signal.aborted) {
        channel.on('error', () => undefined);
        channel.on('close', options.onReleased);
        channel.resume();
        channel.stderr?.resume();
        channel.close();
      } else {
        resolve(channel);
      }
    };
    if ('socketPath' in via) connection.streamLocal(via.socketPath, opened);
    else connection.exec(via.command, opened);
  });
}

function explainEnd(where: string, exit: string, stderrTail: string): string {
  const how = exit === '' ? '' : ` (${exit})`;
  const said = stderrTail.trim() === '' ? '' : `: ${stderrTail.trim()}`;
  return `${where}: the peer closed the channel${how}${said}`;
}

/** The ways to reach a channel target, best first. */
export function waysTo(
  target: ChannelTarget,
  forwardingForbidden: boolean,
): readonly ({ readonly socketPath: string } | { readonly command: string })[] {
  const { socketPath, command } = target;
  return socketPath === undefined || forwardingForbidden ? [{ command }] : [{ socketPath }, { command }];
}
