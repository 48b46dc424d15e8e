import { type CallOptions, TransientCloudError } from '@drover/spec';

/**
 * Runs one call of the instance set: `mapError` makes spec's classes of its errors, and an abort rejects at once, whatever the
 * call is waiting for.
 */
export async function call<T>(
  doing: string,
  { signal }: CallOptions,
  mapError: (error: unknown) => Error,
  work: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw givenUp(doing, signal);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(givenUp(doing, signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } catch (error) {
    throw mapError(error);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

function givenUp(doing: string, signal: AbortSignal): Error {
  return new TransientCloudError(`gce: gave up waiting to ${doing}`, { cause: signal.reason });
}
