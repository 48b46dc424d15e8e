import { expect, test } from 'vitest';
import { figure, quantile } from './figure.ts';

test.each([
  [[1, 2, 3, 4], 0.5, 2],
  [[4, 1, 3, 2], 1, 4],
  [[5], 0.99, 5],
])('quantile of %j at %d is %d', (values, q, expected) => {
  expect(quantile(values, q)).toBe(expected);
});

test('a figure is ok on its target and on the right side of it', () => {
  expect(figure('a', 20, 'ms', '≤', 20).ok).toBe(true);
  expect(figure('a', 20.1, 'ms', '≤', 20).ok).toBe(false);
  expect(figure('a', 250, '1/s', '≥', 250).ok).toBe(true);
  expect(figure('a', 249, '1/s', '≥', 250)).toMatchObject({ ok: false, target: '≥ 250' });
});
