import { expect, test } from 'vitest';
import { atLeast, atMost, quantile } from './figure.ts';

test.each([
  [[1, 2, 3, 4], 0.5, 2],
  [[4, 1, 3, 2], 1, 4],
  [[5], 0.99, 5],
])('quantile of %j at %d is %d', (values, q, expected) => {
  expect(quantile(values, q)).toBe(expected);
});

test('a figure is ok on its target and on the right side of it', () => {
  expect(atMost(20, 'a', 20, 'ms').ok).toBe(true);
  expect(atMost(20, 'a', 20.1, 'ms').ok).toBe(false);
  expect(atLeast(250, 'a', 250, '1/s').ok).toBe(true);
  expect(atLeast(250, 'a', 249, '1/s')).toMatchObject({ ok: false, target: '≥ 250' });
});
