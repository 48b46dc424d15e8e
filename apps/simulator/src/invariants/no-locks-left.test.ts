import { expect, it } from 'vitest';
import { makeEvent } from '../../test/facts.ts';
import { noLocksLeft } from './no-locks-left.ts';

it('catches a lock with which nothing is done, and one that is left in the end', () => {
  let nowMs = 0;
  let isHealthy = false;
  const invariant = noLocksLeft({
    nowMs: () => nowMs,
    isHealthy: () => isHealthy,
    locked: () => ['c1'],
    withinMs: 100,
  });
  invariant.review?.();
  nowMs = 1000;
  expect(invariant.review?.()).toBeUndefined();
  isHealthy = true;
  expect(invariant.review?.()).toBeUndefined();
  nowMs = 1100;
  expect(invariant.review?.()).toBeUndefined();
  nowMs = 1101;
  expect(invariant.review?.()).toContain('c1');
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 2));
  expect(invariant.review?.()).toBeUndefined();
  expect(invariant.atEnd?.()).toContain('c1');
});
