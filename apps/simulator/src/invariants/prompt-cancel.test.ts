import { expect, it } from 'vitest';
import { promptCancel } from './prompt-cancel.ts';

it.each([
  { since: undefined, broken: false },
  { since: 900, broken: false },
  { since: 899, broken: true },
])('killable since $since at 1000, within 100: broken $broken', ({ since, broken }) => {
  const invariant = promptCancel({
    nowMs: () => 1000,
    live: () => [{ instanceId: 'i-1', uuid: 'c1', generation: 1 }],
    killableSinceMs: () => since,
    withinMs: 100,
  });
  expect(invariant.review?.() !== undefined).toBe(broken);
});
