import { expect, it } from 'vitest';
import type { PortCall } from '../port-call.ts';
import { oneEpochActs } from './one-epoch-acts.ts';

const lead = (dispatcher: number): PortCall => ({
  dispatcher,
  port: 'state',
  operation: 'lead',
  subject: '',
  changes: false,
});
const lock = (dispatcher: number): PortCall => ({
  dispatcher,
  port: 'queue',
  operation: 'lock',
  subject: 'a',
  changes: true,
});

it('catches whoever acts after it was told that it has lost the lead', () => {
  let nowMs = 0;
  const invariant = oneEpochActs(() => nowMs);
  expect(invariant.onCall?.(lock(1))).toBeUndefined();
  invariant.onToldOfLoss?.(1);
  expect(invariant.onCall?.(lock(1))).toBeUndefined();
  nowMs = 1;
  expect(invariant.onCall?.({ ...lock(1), changes: false })).toBeUndefined();
  expect(invariant.onCall?.(lock(2))).toBeUndefined();
  expect(invariant.onCall?.(lock(1))).toContain('has lost the lead');
});

it('catches a change by a former leader that was taken', () => {
  const invariant = oneEpochActs(() => 0);
  invariant.onAnswer?.(lead(1), { ok: true, value: { epoch: 1 } });
  const before = lock(1);
  invariant.onCall?.(before);
  invariant.onAnswer?.(lead(2), { ok: true, value: { epoch: 2 } });
  expect(invariant.onAnswer?.(before, { ok: true, value: undefined })).toBeUndefined();
  const after = lock(1);
  invariant.onCall?.(after);
  expect(invariant.onAnswer?.(after, { ok: true, value: undefined })).toContain('while epoch 2 led');
});
