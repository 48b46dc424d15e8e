import type { Clock } from '@drover/spec';

/** What to do when time is up. */
export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends the call early too. */
  readonly signal?: AbortSignal | undefined;
  /** The error that the caller sees when time is up. */
  readonly timeoutError: () => Error;
}

/**
 * Runs `call` with a signal and settles when it does, or when time is up or the outer signal is aborted, even if the call
 * ignores its signal. A call given up goes on unobserved; its late outcome is dropped.
 */
export function withDeadline<T>(deadline: Deadline, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, timeoutMs, signal: outer, timeoutError } = deadline;
  const abort = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (error: Error): void => {
      finish();
      reject(error);
      abort.abort(error);
    };
    const onOuterAbort = (): void => {
      giveUp(outer?.reason instanceof Error ? outer.reason : new Error('aborted', { cause: outer?.reason }));
    };
    const cancelTimer = clock.timer(timeoutMs, () => {
      giveUp(timeoutError());
    });
    const finish = (): void => {
      cancelTimer();
      outer?.removeEventListener('abort', onOuterAbort);
    };
    if (outer?.aborted === true) {
      onOuterAbort();
      return;
    }
    outer?.addEventListener('abort', onOuterAbort, { once: true });
    // Asynchronous, so that a call that throws at once ends like one that rejects.
    const called = async (): Promise<T> => call(abort.signal);
    called().finally(finish).then(resolve, reject);
  });
}
