import type { Instance } from '@drover/spec';
import { expect, test } from 'vitest';
import { type KnownInstance, planListing } from './listing-plan.ts';

const instance = (id: string, lifecycle: Instance['lifecycle'] = 'running'): Instance => ({
  id,
  providerType: 'p',
  lifecycle,
  tags: {},
  address: '',
});

function plan(listed: readonly Instance[], workers: Record<string, KnownInstance>, dead: readonly string[] = []) {
  return planListing(listed, {
    beganAtMs: 100_000,
    workers: new Map(Object.entries(workers)),
    dead: new Set(dead),
    consistencyMs: 60_000,
    belongs: (i) => !i.id.startsWith('foreign'),
  });
}

test('a young VM that nobody has reached may be missing because the list lags', () => {
  expect(plan([], { a: { appearedAtMs: 50_000, identity: 'unverified' } }).missing).toEqual([]);
  expect(plan([], { a: { appearedAtMs: 40_000, identity: 'unverified' } }).missing).toEqual(['a']);
});

test('one that was reached is asked for at once, however young it is', () => {
  expect(plan([], { a: { appearedAtMs: 99_000, identity: 'verified' } }).missing).toEqual(['a']);
});

test('terminated, dead and foreign VMs do not appear; doubled ones appear once', () => {
  const listed = [instance('a'), instance('a'), instance('b', 'terminated'), instance('c'), instance('foreign-1')];
  expect(plan(listed, {}, ['c'])).toEqual({ known: [], appeared: [instance('a')], missing: [] });
});
