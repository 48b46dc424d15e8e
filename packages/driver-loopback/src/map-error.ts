import { AuthError, CapacityError, DroverError, InvalidRequestError, TransientCloudError } from '@drover/spec';

type ErrorClass = 'capacity' | 'permission' | 'invalid' | 'transient';

/** Errors of the system by what they mean for a VM on this machine. Everything else counts as passing. */
const classes: Readonly<Record<string, ErrorClass>> = {
  ENOSPC: 'capacity',
  EDQUOT: 'capacity',
  EMFILE: 'capacity',
  ENFILE: 'capacity',
  ENOMEM: 'capacity',
  // fork() gives it at the limit of processes.
  EAGAIN: 'capacity',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
  ENAMETOOLONG: 'invalid',
  ENOTDIR: 'invalid',
  ELOOP: 'invalid',
  ENOEXEC: 'invalid',
};

/** Turns any error into one of spec's classes. `doing` says what was tried, as in "create vm-1". */
export function mapError(error: unknown, doing: string): DroverError {
  if (DroverError.is(error)) return error;
  const code = errorCode(error);
  const message = `loopback: cannot ${doing}: ${error instanceof Error ? error.message : String(error)}`;
  switch (classes[code ?? ''] ?? 'transient') {
    case 'capacity':
      return new CapacityError(message, { scope: 'all', cause: error, fix: 'free disk space, memory or processes' });
    case 'permission':
      return new AuthError(message, { cause: error, fix: 'let this user write to the state directory' });
    case 'invalid':
      return new InvalidRequestError(message, { cause: error, fix: 'choose another state directory' });
    case 'transient':
      break;
  }
  return new TransientCloudError(message, { cause: error });
}

/** The system's code of an error, e.g. `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
