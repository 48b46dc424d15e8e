import { expect, test } from 'vitest';
import { createCrowd } from './crowd.ts';

test.each([
  ['nothing yet', [], 0, false],
  ['one attempt', [0], 5, false],
  ['two at once', [0, 0], 0, true],
  ['two within the window', [0, 9_000], 9_500, true],
  ['two, asked after the window', [0, 100], 10_101, false],
  ['two in different windows', [0, 10_500], 10_600, false],
])('%s', (_name, attempts, nowMs, expected) => {
  const crowd = createCrowd(10_000);
  for (const atMs of attempts) crowd.note('a:22', atMs);
  crowd.note('b:22', 0);
  expect(crowd.isCrowded('a:22', nowMs)).toBe(expected);
});

test('many hosts, one after the other, are forgotten; present ones are not', () => {
  const crowd = createCrowd(10);
  for (let i = 0; i < 5_000; i += 1) {
    crowd.note(`vm-${i}:22`, i);
    crowd.note(`vm-${i}:22`, i);
  }
  expect([crowd.isCrowded('vm-4999:22', 4_999), crowd.isCrowded('vm-0:22', 4_999)]).toEqual([true, false]);
});
