import { expect, it } from 'vitest';
import type { PortCall } from '../port-call.ts';
import { boundedRates } from './bounded-rates.ts';

const call: PortCall = { dispatcher: 1, port: 'cloud', operation: 'list', subject: '', changes: false };

it('lets as many go as the rate allows, and catches the next', () => {
  let nowMs = 0;
  const invariant = boundedRates(
    () => nowMs,
    () => ({ perMinute: 6, burst: 2 }),
  );
  expect([1, 2, 3].map(() => invariant.onCall?.(call) === undefined)).toEqual([true, true, false]);
  expect(invariant.onCall?.({ ...call, subject: 'i-1' })).toBeUndefined();
  nowMs = 30_000;
  expect([1, 2, 3].map(() => invariant.onCall?.(call) === undefined)).toEqual([true, true, false]);
});
