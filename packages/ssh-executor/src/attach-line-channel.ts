import { ConnectError } from '@drover/spec';
import type { ClientChannel } from 'ssh2';
import type { Connection } from './connection.ts';
import { StreamLineChannel } from './line-channel.ts';

/** How a line channel is bounded. */
export interface LineLimits {
  readonly maxLineBytes: number;
  readonly sendHighWaterBytes: number;
  readonly sendLimitBytes: number;
}

/** A line channel over an open SSH channel. `onFirstBytes` is called when the peer has said anything at all. */
export function attachLineChannel(
  connection: Connection,
  channel: ClientChannel,
  limits: LineLimits,
  onFirstBytes: () => void,
): StreamLineChannel {
  let stderrTail = '';
  let exit = '';
  channel.stderr.on('data', (chunk: Buffer) => {
    stderrTail = (stderrTail + chunk.toString('utf8')).slice(-400);
  });
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = code === null ? ` (${signal})` : ` (exit code ${code})`;
  });
  const explainEnd = (): Error => {
    const said = stderrTail.trim() === '' ? '' : `: ${stderrTail.trim()}`;
    return new ConnectError(`${connection.where}: the peer closed the channel${exit}${said}`);
  };
  const lines = new StreamLineChannel({
    ...limits,
    stream: channel,
    where: connection.where,
    end: () => channel.close(),
    explainEnd,
    onFirstBytes,
  });
  const stopLost = connection.onLost((error) => lines.fail(error));
  channel.on('close', stopLost);
  return lines;
}
