import { expect, it } from 'vitest';
import { makeEvent } from '../../test/facts.ts';
import { growingGenerations } from './growing-generations.ts';

it('lets each lock take the next generation', () => {
  const invariant = growingGenerations();
  const life = [makeEvent('locked', 'Locked', 1), makeEvent('lost', 'Queued', 1), makeEvent('locked', 'Locked', 2)];
  expect(life.map((event) => invariant.onQueueEvent?.(event))).toEqual([undefined, undefined, undefined]);
});

it.each([
  makeEvent('locked', 'Locked', 2),
  makeEvent('locked', 'Locked', 4),
  makeEvent('finished', 'Complete', 1),
  makeEvent('started', 'Running', 3),
])('catches $kind of generation $generation after 2', (event) => {
  const invariant = growingGenerations();
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1));
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 2));
  expect(invariant.onQueueEvent?.(event)).toContain(`generation ${event.generation}`);
});
