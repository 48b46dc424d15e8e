/** The reason of an aborted signal as an Error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

/** Settles like `promise`, but rejects with the signal's reason as soon as that is aborted. The promise itself goes on. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = onAbort(signal, reject);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop();
  }
}

/** Calls `listener` with the reason when the signal is aborted, at once if it already is. Returns how to stop that. */
export function onAbort(signal: AbortSignal, listener: (reason: Error) => void): () => void {
  if (signal.aborted) {
    listener(abortReason(signal));
    return () => undefined;
  }
  const call = (): void => listener(abortReason(signal));
  signal.addEventListener('abort', call, { once: true });
  return () => signal.removeEventListener('abort', call);
}
