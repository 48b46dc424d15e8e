import type { Clock } from '@drover/spec';

/** A clock that runs this many times faster than the machine's: seconds of a cloud pass in milliseconds, sockets stay real. */
export function scaledClock(factor: number): Clock {
  const startMs = performance.now();
  const monotonicMs = (): number => (performance.now() - startMs) * factor;
  const timer: Clock['timer'] = (delayMs, callback) => {
    // Longer than Node's longest timer is never.
    if (!Number.isFinite(delayMs)) return () => undefined;
    const handle = setTimeout(callback, delayMs / factor);
    return () => clearTimeout(handle);
  };
  return {
    wallMs: () => Date.UTC(2026, 0, 1) + monotonicMs(),
    monotonicMs,
    timer,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          cancel();
          reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const cancel = timer(ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        if (signal?.aborted === true) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}
