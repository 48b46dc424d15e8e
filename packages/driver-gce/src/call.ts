import { untilAborted } from '@drover/driver-kit';
import type { CallOptions } from '@drover/spec';

/** Runs one call of the instance set. */
export function call<T>(
  doing: string,
  options: CallOptions,
  mapError: (error: unknown) => Error,
  work: () => Promise<T>,
): Promise<T> {
  return untilAborted({ driver: 'gce', doing, mapError }, options, work);
}
