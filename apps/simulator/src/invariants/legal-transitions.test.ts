import { expect, it } from 'vitest';
import { makeEvent } from '../../test/facts.ts';
import { legalTransitions } from './legal-transitions.ts';

it('lets a container live its life, with a second attempt', () => {
  const invariant = legalTransitions();
  const life = [
    makeEvent('submitted', 'Queued', 0),
    makeEvent('locked', 'Locked', 1),
    makeEvent('priority', 'Locked', 1),
    makeEvent('started', 'Running', 1),
    makeEvent('lost', 'Queued', 1),
    makeEvent('locked', 'Locked', 2),
    makeEvent('unlocked', 'Queued', 2),
    makeEvent('locked', 'Locked', 3),
    makeEvent('finished', 'Complete', 3),
  ];
  expect(life.map((event) => invariant.onQueueEvent?.(event))).toEqual(life.map(() => undefined));
});

it.each([
  {
    before: [makeEvent('submitted', 'Queued', 0)],
    event: makeEvent('started', 'Running', 0),
    says: 'Queued to Running',
  },
  { before: [makeEvent('submitted', 'Queued', 0)], event: makeEvent('submitted', 'Queued', 0), says: 'twice' },
  { before: [], event: makeEvent('locked', 'Locked', 1), says: 'without being submitted' },
  {
    before: [makeEvent('submitted', 'Queued', 0), makeEvent('locked', 'Locked', 1)],
    event: makeEvent('locked', 'Locked', 2),
    says: 'stayed Locked',
  },
])('catches: $says', ({ before, event, says }) => {
  const invariant = legalTransitions();
  for (const earlier of before) invariant.onQueueEvent?.(earlier);
  expect(invariant.onQueueEvent?.(event)).toContain(says);
});
