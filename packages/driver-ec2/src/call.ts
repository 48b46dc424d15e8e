import { type CallOptions, TransientCloudError } from '@drover/spec';
import { type ErrorContext, mapError } from './map-error.ts';

/** Runs one call of the instance set: its errors become spec's classes, and an abort rejects at once. */
export async function call<T>(context: ErrorContext, { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
  const givenUp = (): Error =>
    new TransientCloudError(`ec2: gave up waiting to ${context.doing}`, { cause: signal.reason });
  if (signal.aborted) throw givenUp();
  const abort = Promise.withResolvers<never>();
  const onAbort = (): void => abort.reject(givenUp());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), abort.promise]);
  } catch (error) {
    throw signal.aborted ? givenUp() : mapError(error, context);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
