import type { InstanceType, Offering } from '@drover/spec';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CapacityGate, capacityReached, openCapacityGate, unavailableUntilMs } from './capacity-gate.ts';
import { isAtQuota, openQuotaGate, quotaAfterListing, quotaReached } from './quota-gate.ts';
import { heldForMs, holdAfterOtherAnswer, holdAfterRateLimit, noHold } from './rate-limit-hold.ts';
import { defaultThrottleOptions } from './throttle-options.ts';
import { fullBucket, takeToken, tokenRate } from './token-bucket.ts';

const options = defaultThrottleOptions;

describe('rate-limit hold', () => {
  test('without a time from the cloud: 1 s, then ×1.5 + 1 s, at most 60 s', () => {
    const waits: number[] = [];
    let hold = noHold;
    for (let i = 0; i < 10; i += 1) {
      hold = holdAfterRateLimit(hold, undefined, 0, options);
      waits.push(heldForMs(hold, 0));
    }
    expect(waits).toEqual([1000, 2500, 4750, 8125, 13187.5, 20781.25, 32171.875, 49257.8125, 60000, 60000]);
  });

  test.each([
    { name: 'the cloud names a time', retryAfterMs: 90_000, heldMs: 90_000 },
    { name: 'a time of nothing is none', retryAfterMs: 0, heldMs: 1_000 },
    { name: 'a negative time is none', retryAfterMs: -5, heldMs: 1_000 },
  ])('$name', ({ retryAfterMs, heldMs }) => {
    expect(heldForMs(holdAfterRateLimit(noHold, retryAfterMs, 0, options), 0)).toBe(heldMs);
  });

  test('a later answer replaces the hold, also by a shorter one', () => {
    const long = holdAfterRateLimit(noHold, 50_000, 0, options);
    expect(heldForMs(holdAfterRateLimit(long, 2_000, 0, options), 0)).toBe(2_000);
  });

  test('another answer starts the back-off anew but lets a running hold end', () => {
    const second = holdAfterRateLimit(holdAfterRateLimit(noHold, undefined, 0, options), undefined, 0, options);
    const reset = holdAfterOtherAnswer(second);
    expect(heldForMs(reset, 0)).toBe(2_500);
    expect(heldForMs(holdAfterRateLimit(reset, undefined, 0, options), 0)).toBe(1_000);
  });
});

describe('token bucket', () => {
  test('a burst of the rate, then evenly', () => {
    const rate = tokenRate(2);
    let bucket = fullBucket(rate, 0);
    const waits: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const taken = takeToken(bucket, rate, 0);
      bucket = taken.bucket;
      waits.push(taken.waitMs);
    }
    expect(waits).toEqual([0, 0, 500, 1000, 1500, 2000]);
  });

  test('0 means no limit', () => {
    const rate = tokenRate(0);
    expect(takeToken(fullBucket(rate, 0), rate, 0).waitMs).toBe(0);
  });

  test('never more than burst + rate × time go through', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 80 }),
        (perSecond, gaps) => {
          const rate = tokenRate(perSecond);
          let bucket = fullBucket(rate, 0);
          let nowMs = 0;
          const passedAt: number[] = [];
          for (const gap of gaps) {
            nowMs += gap;
            const taken = takeToken(bucket, rate, nowMs);
            bucket = taken.bucket;
            passedAt.push(nowMs + taken.waitMs);
          }
          const endMs = Math.max(...passedAt);
          expect(passedAt.length).toBeLessThanOrEqual(rate.burst + (perSecond * endMs) / 1000 + 1e-6);
          expect(passedAt).toEqual(passedAt.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe('quota gate', () => {
  test('with others: until a listing finds fewer; the smallest number counts; no time limit', () => {
    let gate = quotaReached(openQuotaGate, 5, 0, 60_000);
    gate = quotaReached(gate, 7, 0, 60_000);
    expect(gate.limit).toBe(5);
    expect(isAtQuota(gate, 1e12)).toBe(true);
    expect(isAtQuota(quotaAfterListing(gate, 5), 0)).toBe(true);
    expect(isAtQuota(quotaAfterListing(gate, 4), 0)).toBe(false);
  });

  test('without others: for a time', () => {
    const gate = quotaReached(openQuotaGate, 0, 1_000, 60_000);
    expect(isAtQuota(gate, 60_999)).toBe(true);
    expect(isAtQuota(gate, 61_000)).toBe(false);
  });
});

describe('capacity gate', () => {
  const type = (name: string, extra: Partial<InstanceType> = {}): InstanceType => ({
    name,
    providerType: name,
    vcpus: 1,
    ramBytes: 1,
    scratchBytes: 0,
    includedScratchBytes: 0,
    addedScratchBytes: 0,
    pricePerHour: 1,
    preemptible: false,
    ...extra,
  });
  const offering = (id: string): Offering => ({
    id,
    instanceType: 'a',
    zone: 'z',
    preemptible: false,
    pricePerHour: 1,
  });
  const subject = (name: string, id: string, quotaGroup?: string, extra: Partial<InstanceType> = {}) => ({
    type: type(name, extra),
    offering: offering(id),
    quotaGroup,
  });
  const met = subject('a', 'a1', 'g');

  test.each([
    { scope: 'offering', other: subject('a', 'a2', 'g'), closed: false },
    { scope: 'instance-type', other: subject('a', 'a2', 'h'), closed: true },
    { scope: 'instance-type', other: subject('a', 'a2', 'h', { preemptible: true }), closed: false },
    { scope: 'instance-type', other: subject('b', 'b1', 'g'), closed: false },
    { scope: 'quota-group', other: subject('b', 'b1', 'g'), closed: true },
    { scope: 'quota-group', other: subject('a', 'a2', 'h'), closed: false },
    { scope: 'all', other: subject('b', 'b1', 'h'), closed: true },
  ] as const)('$scope rules out another: $closed', ({ scope, other, closed }) => {
    const gate = capacityReached(openCapacityGate, scope, met, 0, 60_000);
    expect(unavailableUntilMs(gate, met, 59_999)).toBe(60_000);
    expect(unavailableUntilMs(gate, other, 0) !== undefined).toBe(closed);
    expect(unavailableUntilMs(gate, met, 60_000)).toBeUndefined();
  });

  test('without groups, providerType and preemptible make one', () => {
    const gate = capacityReached(openCapacityGate, 'quota-group', subject('a', 'a1'), 0, 60_000);
    expect(unavailableUntilMs(gate, subject('a', 'a2'), 0)).toBe(60_000);
    expect(unavailableUntilMs(gate, subject('b', 'b1'), 0)).toBeUndefined();
  });

  test('periods that are over do not pile up', () => {
    let gate: CapacityGate = openCapacityGate;
    for (let i = 0; i < 100; i += 1)
      gate = capacityReached(gate, 'offering', subject('a', `a${i}`), i * 60_000, 60_000);
    expect(gate.size).toBe(1);
  });
});
