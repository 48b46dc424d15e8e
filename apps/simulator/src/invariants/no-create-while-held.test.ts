import { CapacityError, QuotaError, RateLimitError } from '@drover/spec';
import { expect, it } from 'vitest';
import { makeCreateCall } from '../../test/facts.ts';
import { noCreateWhileHeld } from './no-create-while-held.ts';

const times = { firstBackoffMs: 1000, quotaRetryMs: 60_000, capacityRetryMs: 60_000 };
const listing = { dispatcher: 1, port: 'cloud', operation: 'list', subject: '', changes: false } as const;

it.each([
  { name: 'a rate limit', error: new RateLimitError('x', { retryAfterMs: 5000 }), holdsMs: 5000 },
  { name: 'a rate limit without a time', error: new RateLimitError('x'), holdsMs: 1000 },
  { name: 'quota', error: new QuotaError('x'), holdsMs: 60_000 },
  { name: 'no room', error: new CapacityError('x', { scope: 'offering' }), holdsMs: 60_000 },
])('catches a create too soon after $name', ({ error, holdsMs }) => {
  let nowMs = 0;
  const invariant = noCreateWhileHeld(() => nowMs, times);
  expect(invariant.onCall?.(makeCreateCall('a'))).toBeUndefined();
  invariant.onAnswer?.(makeCreateCall('a'), { ok: false, error });
  nowMs = holdsMs - 1;
  expect(invariant.onCall?.(makeCreateCall('b'))).toContain('b is asked for');
  expect(invariant.onCall?.(makeCreateCall('c', 2))).toBeUndefined();
  nowMs = holdsMs;
  expect(invariant.onCall?.(makeCreateCall('d'))).toBeUndefined();
});

it('learns from a batch of which a part was refused', () => {
  let nowMs = 0;
  const invariant = noCreateWhileHeld(() => nowMs, times);
  invariant.onAnswer?.(makeCreateCall('a'), { ok: true, value: [{ ok: false, error: new QuotaError('x') }] });
  expect(invariant.onCall?.(makeCreateCall('in the same instant'))).toBeUndefined();
  nowMs = 1;
  expect(invariant.onCall?.(makeCreateCall('b'))).toContain('at quota');
  invariant.onAnswer?.(listing, { ok: true, value: undefined });
  expect(invariant.onCall?.(makeCreateCall('c'))).toBeUndefined();
});

it('lets a create be asked again that may have been made', () => {
  let nowMs = 0;
  const invariant = noCreateWhileHeld(() => nowMs, times);
  invariant.onCall?.(makeCreateCall('a'));
  invariant.onAnswer?.(makeCreateCall('b'), { ok: false, error: new QuotaError('x') });
  nowMs = 1;
  expect(invariant.onCall?.(makeCreateCall('a'))).toBeUndefined();
});
