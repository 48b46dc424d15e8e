import { type Clock, ConnectError } from '@drover/spec';
import type { Connection } from './connection.ts';

/**
 * For a request that was given up before the server acknowledged it: if the server stays silent altogether until
 * `unacknowledgedMs` after the request was sent, the connection is dropped. A frozen host is found that way by the
 * first deadline, without waiting for the keepalive.
 */
export function condemnSilent(
  connection: Connection,
  request: { readonly sentAtMs: number; readonly acknowledged: number },
  options: { readonly clock: Clock; readonly unacknowledgedMs: number },
): void {
  const { clock, unacknowledgedMs } = options;
  const check = (): void => {
    if (connection.lost !== undefined || connection.acknowledged !== request.acknowledged) return;
    connection.drop(new ConnectError(`${connection.where}: no answer to a request for ${unacknowledgedMs} ms`));
  };
  const remainingMs = request.sentAtMs + unacknowledgedMs - clock.monotonicMs();
  if (remainingMs <= 0) {
    check();
    return;
  }
  let stop = (): void => undefined;
  const cancel = clock.timer(remainingMs, () => {
    stop();
    check();
  });
  stop = connection.onLost(cancel);
}
