import { expect, test } from 'vitest';
import { newContainerUuids } from './uuid.ts';

/** Counts up, so that every byte value comes equally often. */
function countingRandom(): { next: () => number; hex: (bytes: number) => string } {
  let byte = 0;
  return {
    next: () => 0,
    hex: (bytes) => Array.from({ length: bytes }, () => ((byte += 1) & 0xff).toString(16).padStart(2, '0')).join(''),
  };
}

test('UUIDs have their form, and every character is equally likely', () => {
  const uuids = newContainerUuids(countingRandom(), 'abcde', 2520);
  expect(uuids).toHaveLength(2520);
  for (const uuid of uuids) expect(uuid).toMatch(/^abcde-dz642-[a-z0-9]{15}$/);
  const counts = new Map<string, number>();
  for (const c of uuids.flatMap((uuid) => uuid.slice(12).split(''))) counts.set(c, (counts.get(c) ?? 0) + 1);
  expect(counts.size).toBe(36);
  expect(new Set(counts.values())).toEqual(new Set([(2520 * 15) / 36]));
});
