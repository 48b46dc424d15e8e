import { ConnectError, type DroverError } from '@drover/spec';
import type { Connection } from './connection.ts';

/**
 * Decides what a refused session means; the refused one still counts as open here. With others open, the server allows
 * no more than those (OpenSSH's MaxSessions): the connection takes that as its limit, and the caller waits for a channel
 * again. With none open the connection is of no use: it is dropped, and the error for the caller is returned.
 */
export function onRefusedSession(connection: Connection, error: Error): DroverError | undefined {
  const others = connection.slots.held - 1;
  if (others > 0) {
    connection.slots.setMax(others);
    return undefined;
  }
  const reason = new ConnectError(`${connection.where}: the server allows no session (${error.message})`, {
    fix: 'MaxSessions in its sshd_config must be at least 1',
    cause: error,
  });
  connection.drop(reason);
  return reason;
}

/** Is this a refusal to open a channel at all (ssh2 gives it a reason), not a refusal to run the command? */
export function isOpenRefusal(error: unknown): error is Error & { readonly reason: number } {
  return error instanceof Error && 'reason' in error && typeof error.reason === 'number';
}
