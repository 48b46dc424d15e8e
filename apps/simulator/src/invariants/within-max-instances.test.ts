import { expect, it } from 'vitest';
import { withinMaxInstances } from './within-max-instances.ts';

it.each([
  { existing: 3, inFlight: 1, count: 1, broken: false },
  { existing: 4, inFlight: 1, count: 1, broken: true },
  { existing: 0, inFlight: 0, count: 6, broken: true },
])('$existing VMs, $inFlight in flight, $count more of at most 5: broken $broken', (c) => {
  const invariant = withinMaxInstances(() => c.existing, 5);
  expect(invariant.onCreate?.(c.count, c.inFlight) !== undefined).toBe(c.broken);
});
