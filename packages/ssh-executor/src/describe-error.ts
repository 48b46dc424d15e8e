import { ConnectError, DroverError } from '@drover/spec';

/** Anything thrown or emitted as a ConnectError; drover's own errors stay as they are. */
export function toConnectError(error: unknown, where: string): DroverError {
  if (DroverError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isAuthenticationFailure(error)) {
    return new ConnectError(`${where}: the host does not accept the SSH key`, {
      fix: 'check the user name and that the public key is in the image or in the instance metadata',
      cause: error,
    });
  }
  return new ConnectError(`${where}: ${message}`, { cause: error });
}

/** ssh2 marks its errors with a level. */
function isAuthenticationFailure(error: unknown): boolean {
  return error instanceof Error && 'level' in error && error.level === 'client-authentication';
}
