import { type CallOptions, TransientCloudError } from '@drover/spec';

/** One call of an instance set. */
export interface AttemptedCall {
  /** The driver's name. */
  readonly driver: string;
  /** What is tried, as in "create 3 VMs". */
  readonly doing: string;
  /** Makes one of spec's classes of whatever the cloud's SDK rejects with. */
  readonly mapError: (error: unknown) => Error;
}

/**
 * Runs one call as spec wants it: its errors become spec's classes, and an abort rejects at once, whatever the call is waiting for,
 * with a TransientCloudError whose cause is the signal's reason. What was begun goes on in the background.
 */
export async function untilAborted<T>(
  { driver, doing, mapError }: AttemptedCall,
  { signal }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  const givenUp = (): Error =>
    new TransientCloudError(`${driver}: gave up waiting to ${doing}`, { cause: signal.reason });
  if (signal.aborted) throw givenUp();
  const abort = Promise.withResolvers<never>();
  const onAbort = (): void => abort.reject(givenUp());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), abort.promise]);
  } catch (error) {
    throw signal.aborted ? givenUp() : mapError(error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
