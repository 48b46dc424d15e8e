import type { Clock } from '@drover/spec';

/** Longer delays make Node's timers fire at once. */
const maxTimerMs = 2_147_483_647;

/** The machine's clocks and timers. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer(delayMs, callback) {
    // An immediate is a millisecond sooner than a timer of 0, which counts on the way to a start.
    if (delayMs <= 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, Math.min(delayMs, maxTimerMs));
    return () => clearTimeout(timer);
  },
  sleep(ms, { signal } = {}) {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        cancel();
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal?.reason }));
      };
      const cancel = systemClock.timer(ms, () => {
        signal?.removeEventListener('abort', fail);
        resolve();
      });
      if (signal?.aborted === true) fail();
      else signal?.addEventListener('abort', fail, { once: true });
    });
  },
};
