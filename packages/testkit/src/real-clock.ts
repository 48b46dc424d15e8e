import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '@drover/spec';

/** The machine's clocks and timers, for tests and benchmarks over real sockets and processes. */
export const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  sleep: (ms, options) => sleepFor(ms, undefined, options),
};
