import type { ContainerRecord } from '@drover/spec';
import { expect, it } from 'vitest';
import { makeRecord } from '../../test/facts.ts';
import { ackAfterCommit } from './ack-after-commit.ts';

const ack = { kind: 'ack', instanceId: 'i-1', uuid: 'c1', generation: 2 } as const;

it.each<{ stored: Partial<ContainerRecord>; broken: boolean }>([
  { stored: { state: 'Complete', generation: 2 }, broken: false },
  { stored: { state: 'Queued', generation: 2 }, broken: false },
  { stored: { state: 'Locked', generation: 3 }, broken: false },
  { stored: { state: 'Running', generation: 2 }, broken: true },
  { stored: { state: 'Locked', generation: 2 }, broken: true },
  { stored: { state: 'Queued', generation: 1 }, broken: true },
])('ack of generation 2 with $stored: broken $broken', ({ stored, broken }) => {
  const invariant = ackAfterCommit(() => makeRecord(stored));
  expect(invariant.onRunner?.(ack) !== undefined).toBe(broken);
});

it('has nothing against starts and containers that the queue has forgotten', () => {
  expect(ackAfterCommit(() => makeRecord()).onRunner?.({ ...ack, kind: 'start', hostKey: 'k' })).toBeUndefined();
  expect(ackAfterCommit(() => undefined).onRunner?.(ack)).toBeUndefined();
});
