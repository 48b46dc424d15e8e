import type { Clock, Executor, Random, Target } from '@drover/spec';
import { createSshExecutorFactory, generateSshKeyPair } from '../src/index.ts';

/** The machine's clocks. */
export const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};

const random: Random = { next: () => Math.random(), hex: (bytes) => '0'.repeat(2 * bytes) };

/** `count` executors for one host, none of them connected yet. */
export function makeExecutors(target: Target, count: number): readonly Executor[] {
  const { privateKeyPem } = generateSshKeyPair();
  const factory = createSshExecutorFactory({ privateKey: privateKeyPem, clock: realClock, random });
  return Array.from({ length: count }, (_, i) => {
    const executor = factory(`i-${i}`);
    executor.setTarget(target);
    return executor;
  });
}
