import { ConnectError, DroverError } from '@drover/spec';

/** Anything thrown or emitted as a ConnectError; drover's own errors stay as they are. */
export function toConnectError(error: unknown, where: string): DroverError {
  if (DroverError.is(error)) return error;
  if (isAuthenticationFailure(error)) {
    return new ConnectError(`${where}: the host does not accept the SSH key`, {
      fix: 'check the user name and that the public key is in the image or in the instance metadata',
      cause: error,
    });
  }
  return new ConnectError(`${where}: ${describe(error)}`, { cause: error });
}

/** Some errors have no text: of a name with several addresses Node reports one error each, together with none. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describe).join('; ');
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}

/** ssh2 marks its errors with a level. */
function isAuthenticationFailure(error: unknown): boolean {
  return error instanceof Error && 'level' in error && error.level === 'client-authentication';
}
