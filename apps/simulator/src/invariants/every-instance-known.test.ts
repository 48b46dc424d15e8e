import { expect, it } from 'vitest';
import { everyInstanceKnown } from './every-instance-known.ts';

it.each([
  { nowMs: 100, known: false, broken: false },
  { nowMs: 101, known: false, broken: true },
  { nowMs: 1000, known: true, broken: false },
])('at $nowMs, known $known: broken $broken', ({ nowMs, known, broken }) => {
  const invariant = everyInstanceKnown({
    nowMs: () => nowMs,
    existing: () => [{ id: 'i-1', visibleSinceMs: 50 }],
    known: () => new Set(known ? ['i-1'] : []),
    withinMs: 50,
  });
  expect(invariant.review?.() !== undefined).toBe(broken);
});
