import { expect, test } from 'vitest';
import { initialLimits, maxSupervisorsOf, nextLimits } from './dynamic-limit.ts';
import type { PlanLimits } from './plan-types.ts';

const quiet = { running: 0, instances: 0, atQuota: false, nowMs: 1_000_000 };
const options = { overloadQuietMs: 60_000 };

function limits(dynamicLimit: number, instancesWithinQuota = 0, lastOverloadMs?: number): PlanLimits {
  return { dynamicLimit, instancesWithinQuota, lastOverloadMs };
}

test('begins at the estimate, else at maxInstances', () => {
  expect(initialLimits({ initialQuotaEstimate: 8, maxInstances: 64 }).dynamicLimit).toBe(8);
  expect(initialLimits({ initialQuotaEstimate: 0, maxInstances: 64 }).dynamicLimit).toBe(64);
  expect(initialLimits({ initialQuotaEstimate: 0, maxInstances: 0 }).dynamicLimit).toBe(0);
});

test.each([
  ['overload: just below what runs', limits(64), { running: 20, overloadedAtMs: 5 }, limits(19, 0, 5)],
  ['overload: at least one', limits(64), { running: 0, overloadedAtMs: 5 }, limits(1, 0, 5)],
  ['overload gives a limit where there was none', limits(0), { running: 9, overloadedAtMs: 5 }, limits(8, 0, 5)],
  [
    'the same overload counts once',
    limits(8, 0, 999_000),
    { running: 20, overloadedAtMs: 999_000 },
    limits(8, 0, 999_000),
  ],
  ['not raised within a minute', limits(8, 0, 940_000), { running: 20 }, limits(8, 0, 940_000)],
  ['raised after a minute', limits(8, 0, 939_999), { running: 20 }, limits(23, 0, 939_999)],
  ['raised beyond maxInstances', limits(8), { running: 100 }, limits(111)],
  ['never lowered by quiet', limits(64), { running: 3 }, limits(64)],
  ['no limit stays none', limits(0), { running: 100 }, limits(0)],
  ['at quota: what exists', limits(64), { instances: 7, atQuota: true }, limits(7, 7)],
  ['at quota: a limit where there was none', limits(0), { instances: 7, atQuota: true }, limits(7, 7)],
  ['at quota: not raised', limits(3, 9), { instances: 7, atQuota: true }, limits(3, 7)],
  ['at quota without instances: at least one', limits(64), { instances: 0, atQuota: true }, limits(1, 0)],
  ['after quota: one more than known', limits(64, 7), { instances: 5 }, limits(8, 7)],
  ['after quota: more is evidently possible', limits(64, 7), { instances: 12 }, limits(13, 12)],
  ['nothing known of quota: no cut', limits(64, 0), { instances: 5 }, limits(64, 0)],
])('%s', (_, before, input, expected) => {
  expect(nextLimits(before, { ...quiet, ...input }, options)).toEqual(expected);
});

test('the same object while nothing changes', () => {
  const before = limits(8, 7, 999_000);
  expect(nextLimits(before, { ...quiet, instances: 7 }, options)).toBe(before);
});

test.each([
  [10, 0.5, 5],
  [3, 0.5, 1],
  [1, 0.2, 1],
  [0, 0.5, 0],
  [10, 0, 0],
  [10, 1, 10],
])('limit %i with fraction %d lets %i supervisors run', (limit, fraction, expected) => {
  expect(maxSupervisorsOf(limit, fraction)).toBe(expected);
});
