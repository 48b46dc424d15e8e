import { expect, it } from 'vitest';
import { makeInstance } from '../../test/facts.ts';
import { nothingLostByDestroy } from './nothing-lost-by-destroy.ts';

it.each([
  { live: 0, uncollected: 0, mayBeLost: false, broken: false },
  { live: 1, uncollected: 0, mayBeLost: false, broken: true },
  { live: 0, uncollected: 1, mayBeLost: false, broken: true },
  { live: 1, uncollected: 1, mayBeLost: true, broken: false },
])('$live live, $uncollected uncollected, may be lost $mayBeLost: broken $broken', (c) => {
  const invariant = nothingLostByDestroy(
    () => c,
    () => c.mayBeLost,
  );
  expect(invariant.onDestroy?.(makeInstance()) !== undefined).toBe(c.broken);
});
