import { type CallOptions, TransientCloudError } from '@drover/spec';
import { mapError } from './map-error.ts';

/**
 * Runs one call of the instance set: its errors become spec's classes, and an abort rejects at once, while what was begun
 * goes on in the background.
 */
export async function call<T>(doing: string, { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw givenUp(doing, signal);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(givenUp(doing, signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } catch (error) {
    throw mapError(error, doing);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

function givenUp(doing: string, signal: AbortSignal): Error {
  return new TransientCloudError(`loopback: gave up waiting to ${doing}`, { cause: signal.reason });
}
