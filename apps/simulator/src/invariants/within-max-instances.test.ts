import { expect, it } from 'vitest';
import { withinMaxInstances } from './within-max-instances.ts';

it.each([
  { existing: 3, toCome: 2, broken: false },
  { existing: 4, toCome: 2, broken: true },
  { existing: 0, toCome: 6, broken: true },
])('$existing VMs, $toCome to come, at most 5: broken $broken', (c) => {
  const invariant = withinMaxInstances(() => c.existing, 5);
  expect(invariant.onCreate?.(c.toCome) !== undefined).toBe(c.broken);
});
