import { type Clock, TransientCloudError } from '@drover/spec';
import type { SdkPoller } from './sdk-subset.ts';

/** Looks at a long-running operation until it has ended; its own error if it failed. Time is the clock's, not the SDK's. */
export async function untilDone(
  poller: SdkPoller<unknown>,
  clock: Clock,
  options: { readonly signal: AbortSignal; readonly deadlineMs: number; readonly everyMs: () => number },
): Promise<void> {
  await poller.submitted();
  const endMs = clock.monotonicMs() + options.deadlineMs;
  while (!poller.isDone) {
    if (clock.monotonicMs() > endMs) throw new TransientCloudError('azure: an operation takes too long');
    await clock.sleep(options.everyMs(), { signal: options.signal });
    await poller.poll({ abortSignal: options.signal });
  }
}

/** Whether a request of the SDK failed, other than the operation that it asked about. */
export function isRequestError(error: unknown): boolean {
  return error instanceof Error && error.name === 'RestError';
}
