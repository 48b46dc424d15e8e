import { untilAborted } from '@drover/driver-kit';
import type { CallOptions } from '@drover/spec';
import { type ErrorContext, mapError } from './map-error.ts';

/** Runs one call of the instance set. */
export function call<T>(context: ErrorContext, options: CallOptions, work: () => Promise<T>): Promise<T> {
  const attempt = { driver: 'ec2', doing: context.doing, mapError: (error: unknown) => mapError(error, context) };
  return untilAborted(attempt, options, work);
}
