import { type Clock, DroverError } from '@drover/spec';

/** How long to look for something. */
export interface Patience {
  readonly clock: Clock;
  /** As in "what did not happen". */
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/**
 * Looks until there is something to see. An error that may pass is no answer yet.
 * @throws DroverError CLI_WAIT_TIMEOUT with the last such error, any other error of a look, the signal's reason
 */
export async function eventually<T>(
  { clock, what, withinMs, everyMs, signal }: Patience,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const untilMs = clock.monotonicMs() + withinMs;
  let last: unknown;
  for (;;) {
    signal.throwIfAborted();
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      if (!DroverError.is(error) || !error.retryable) throw error;
      last = error;
    }
    if (clock.monotonicMs() + everyMs > untilMs) break;
    await clock.sleep(everyMs, { signal });
  }
  const why = last instanceof Error ? `: ${last.message}` : '';
  throw new DroverError('CLI_WAIT_TIMEOUT', `${what} did not happen within ${withinMs / 1_000} s${why}`, {
    cause: last,
  });
}
