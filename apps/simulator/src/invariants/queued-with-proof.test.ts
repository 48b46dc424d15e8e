import { expect, it } from 'vitest';
import { makeEvent, makeRecord } from '../../test/facts.ts';
import type { LiveWorkload } from './invariant.ts';
import { queuedWithProof } from './queued-with-proof.ts';

const alive: LiveWorkload = { instanceId: 'i-1', uuid: 'c1', generation: 1 };

it('catches a container that is queued again while an attempt of it is alive', () => {
  const live: LiveWorkload[] = [alive];
  const invariant = queuedWithProof({ live: () => live, record: () => makeRecord() });
  expect(invariant.onQueueEvent?.(makeEvent('started', 'Running', 1))).toBeUndefined();
  expect(invariant.onQueueEvent?.(makeEvent('lost', 'Queued', 1))).toContain('attempt 1 is alive on i-1');
  live.pop();
  expect(invariant.onQueueEvent?.(makeEvent('lost', 'Queued', 1))).toBeUndefined();
});

it.each([
  ['Locked', 1, false],
  ['Running', 1, false],
  ['Queued', 1, true],
  ['Locked', 2, true],
  ['Cancelled', 1, true],
] as const)('a start of attempt 1 while the queue has it %s/%i is wrong: %s', (state, generation, isWrong) => {
  const invariant = queuedWithProof({ live: () => [], record: () => makeRecord({ state, generation }) });
  expect(invariant.onRunner?.({ kind: 'start', hostKey: '', ...alive }) !== undefined).toBe(isWrong);
  expect(invariant.onRunner?.({ kind: 'ack', ...alive })).toBeUndefined();
});
