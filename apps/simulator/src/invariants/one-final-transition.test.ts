import { expect, it } from 'vitest';
import { makeEvent } from '../../test/facts.ts';
import { oneFinalTransition } from './one-final-transition.ts';

it('lets a container end once', () => {
  const invariant = oneFinalTransition();
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1))).toBeUndefined();
  expect(invariant.onQueueEvent?.(makeEvent('finished', 'Complete', 1))).toBeUndefined();
  expect(invariant.onQueueEvent?.(makeEvent('cancelled', 'Cancelled', 1, 'other'))).toBeUndefined();
});

it('catches a second end and a resurrection', () => {
  const invariant = oneFinalTransition();
  invariant.onQueueEvent?.(makeEvent('finished', 'Complete', 1));
  expect(invariant.onQueueEvent?.(makeEvent('finished', 'Complete', 1))).toContain('was Complete');
  expect(invariant.onQueueEvent?.(makeEvent('lost', 'Queued', 1))).toContain('was Complete');
});
