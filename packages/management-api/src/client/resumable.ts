import { DroverError } from '@drover/spec';
import { ApiError } from './api-error.ts';
import { pause } from './pause.ts';

export interface ResumeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the connection is lost and will be tried again. */
  readonly onLost?: ((error: DroverError) => void) | undefined;
}

const firstRetryMs = 250;
const maxRetryMs = 5_000;

/**
 * Goes on with a stream whenever its connection is lost, for as long as the signal allows. `open` takes up where it left off, tells
 * when it is connected, and says `again` when the server ended the stream without its being complete.
 * @throws what `open` throws when it could not connect at first, or when the API refuses.
 */
export async function* resumable<T>(
  open: (onConnected: () => void) => AsyncGenerator<T, 'complete' | 'again'>,
  options: ResumeOptions,
): AsyncGenerator<T> {
  let connected = false;
  let retryMs = firstRetryMs;
  for (;;) {
    try {
      const stream = open(() => {
        connected = true;
      });
      try {
        for (let step = await stream.next(); ; step = await stream.next()) {
          if (step.done === true) {
            if (step.value === 'complete') return;
            break;
          }
          retryMs = firstRetryMs;
          yield step.value;
        }
      } finally {
        // Whoever stops listening closes the connection.
        await stream.return('complete');
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      const lost = asLost(error);
      const refused = lost instanceof ApiError && !lost.retryable;
      if (!connected || refused) throw lost;
      options.onLost?.(lost);
    }
    await pause(retryMs, options.signal);
    retryMs = Math.min(maxRetryMs, retryMs * 2);
  }
}

function asLost(error: unknown): DroverError {
  if (DroverError.is(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new DroverError('API_UNREACHABLE', `the connection was lost: ${why}`, { retryable: true, cause: error });
}
