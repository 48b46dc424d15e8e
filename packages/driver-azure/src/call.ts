import { untilAborted } from '@drover/driver-kit';
import type { CallOptions, Clock } from '@drover/spec';
import { type Attempt, mapError } from './map-error.ts';

/** Runs one call of the instance set. An abort ends it also between two pages, where the SDK does not look at the signal. */
export function call<T>(
  attempt: Omit<Attempt, 'nowMs'> & { readonly clock: Clock },
  options: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  const { doing, clock } = attempt;
  const toError = (error: unknown): Error => mapError(error, { ...attempt, nowMs: clock.wallMs() });
  return untilAborted({ driver: 'azure', doing, mapError: toError }, options, work);
}
