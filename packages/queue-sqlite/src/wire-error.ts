import {
  ContainerNotFoundError,
  DroverError,
  type DroverErrorOptions,
  LockConflictError,
  QueueUnavailableError,
} from '@drover/spec';
import type { WireError } from './protocol.ts';
import { fromSqlite } from './sqlite-error.ts';

/** Any error as plain data; what is not ours is first named in our terms. */
export function toWire(error: unknown): WireError {
  const ours = DroverError.is(error) ? error : fromSqlite(error);
  return {
    code: ours.code,
    message: ours.message,
    retryable: ours.retryable,
    fix: ours.fix,
    retryAfterMs: ours instanceof QueueUnavailableError ? ours.retryAfterMs : undefined,
  };
}

/** The error again, in the class that its code belongs to. */
export function fromWire(wire: WireError): DroverError {
  const options: DroverErrorOptions = {
    retryable: wire.retryable,
    ...(wire.fix === undefined ? {} : { fix: wire.fix }),
  };
  switch (wire.code) {
    case 'QUEUE_LOCK_CONFLICT':
      return new LockConflictError(wire.message, options);
    case 'QUEUE_CONTAINER_NOT_FOUND':
      return new ContainerNotFoundError(wire.message, options);
    case 'QUEUE_UNAVAILABLE':
      return new QueueUnavailableError(wire.message, {
        ...options,
        ...(wire.retryAfterMs === undefined ? {} : { retryAfterMs: wire.retryAfterMs }),
      });
    default:
      return new DroverError(wire.code, wire.message, options);
  }
}
