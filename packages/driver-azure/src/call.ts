import { type CallOptions, type Clock, TransientCloudError } from '@drover/spec';
import { type Attempt, mapError } from './map-error.ts';

/**
 * Runs one call of the instance set: its errors become spec's classes, and an abort rejects at once, also between two pages,
 * where the SDK does not look at the signal.
 */
export async function call<T>(
  attempt: Omit<Attempt, 'nowMs'> & { readonly clock: Clock },
  { signal }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  const { doing, clock } = attempt;
  if (signal.aborted) throw givenUp(doing, signal);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(givenUp(doing, signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } catch (error) {
    throw mapError(error, { ...attempt, nowMs: clock.wallMs() });
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

function givenUp(doing: string, signal: AbortSignal): Error {
  return new TransientCloudError(`azure: gave up waiting to ${doing}`, { cause: signal.reason });
}
