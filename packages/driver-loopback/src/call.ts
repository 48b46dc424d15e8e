import { untilAborted } from '@drover/driver-kit';
import type { CallOptions } from '@drover/spec';
import { mapError } from './map-error.ts';

/** Runs one call of the instance set. */
export function call<T>(doing: string, options: CallOptions, work: () => Promise<T>): Promise<T> {
  const attempt = { driver: 'loopback', doing, mapError: (error: unknown) => mapError(error, doing) };
  return untilAborted(attempt, options, work);
}
