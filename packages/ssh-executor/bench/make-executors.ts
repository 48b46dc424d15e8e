import type { Executor, Random, Target } from '@drover/spec';
import { createSshExecutorFactory, generateSshKeyPair } from '../src/index.ts';
import { realClock } from '@drover/testkit/real-clock';

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
