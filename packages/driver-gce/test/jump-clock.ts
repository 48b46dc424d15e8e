import type { Clock } from '@drover/spec';

/** The machine's time, which a test may move on: what takes minutes in a cloud need not take them here. */
export interface JumpClock extends Clock {
  /** Moves on by this much; what falls due until then is called at once. */
  jump(ms: number): void;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
  handle: NodeJS.Timeout;
}

export function jumpClock(): JumpClock {
  const startMs = performance.now();
  const timers = new Set<Timer>();
  let jumpedMs = 0;
  const monotonicMs = (): number => performance.now() - startMs + jumpedMs;
  const fire = (timer: Timer): void => {
    if (timers.delete(timer)) timer.callback();
  };
  const timer: Clock['timer'] = (delayMs, callback) => {
    const made: Timer = { atMs: monotonicMs() + delayMs, callback, handle: setTimeout(() => fire(made), delayMs) };
    timers.add(made);
    return () => {
      timers.delete(made);
      clearTimeout(made.handle);
    };
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
    jump: (ms) => {
      jumpedMs += ms;
      for (const each of timers) {
        clearTimeout(each.handle);
        if (each.atMs <= monotonicMs()) fire(each);
        else each.handle = setTimeout(() => fire(each), each.atMs - monotonicMs());
      }
    },
  };
}
