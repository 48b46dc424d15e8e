import type { Clock } from '@drover/spec';
import { setTimeout as sleepFor } from 'node:timers/promises';

/** The machine's clocks, for tests against real servers. */
export const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  sleep: (ms, options) => sleepFor(ms, undefined, options),
};
