import { DroverError } from '@drover/spec';
import { pause } from './pause.ts';

/** Waits before the second, third and fourth try. */
const waitsMs = [200, 500, 1_000];

/** Tries again a few times what may succeed without anybody changing anything. Only for work that may be done twice. */
export async function retrying<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!DroverError.is(error) || !error.retryable) throw error;
    }
    await pause(waitMs, signal);
  }
  return work();
}
