import { ConnectError } from '@drover/spec';

/** A server's refusal to open a channel, with the reason code of RFC 4254, section 5.1. */
export type OpenRefusal = Error & { readonly reason: number };

/** Is this a refusal to open a channel at all (ssh2 gives it a reason), not a refusal to run the command? */
export function isOpenRefusal(error: unknown): error is OpenRefusal {
  return error instanceof Error && 'reason' in error && typeof error.reason === 'number';
}

/** For a server that refuses a session although none is open. */
export function noSessionError(where: string, refusal: OpenRefusal): ConnectError {
  return new ConnectError(`${where}: the server allows no session (${refusal.message})`, {
    fix: 'MaxSessions in its sshd_config must be at least 1',
    cause: refusal,
  });
}
