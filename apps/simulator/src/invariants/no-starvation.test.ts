import { LockConflictError, QueueUnavailableError } from '@drover/spec';
import { expect, it } from 'vitest';
import { makeEvent, makeRecord } from '../../test/facts.ts';
import type { PortCall } from '../port-call.ts';
import { noStarvation } from './no-starvation.ts';

const priorities: Readonly<Record<string, number>> = { high: 9, low: 1, other: 1 };

function setUp() {
  const time = { nowMs: 0 };
  const invariant = noStarvation({
    nowMs: () => time.nowMs,
    record: (uuid) => makeRecord({ uuid, priority: priorities[uuid] ?? 1 }),
    withinMs: 100,
  });
  for (const uuid of ['high', 'low', 'other']) invariant.onQueueEvent?.(makeEvent('submitted', 'Queued', 0, uuid));
  return { time, invariant };
}

it('catches one that is passed over by less important ones for too long', () => {
  const { time, invariant } = setUp();
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'low'))).toBeUndefined();
  time.nowMs = 101;
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'other'))).toContain('high has been passed over');
});

it('forgets it once it has had its turn', () => {
  const { time, invariant } = setUp();
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'low'));
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'high'));
  time.nowMs = 101;
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'other'))).toBeUndefined();
});

const lock: PortCall = {
  dispatcher: 1,
  port: 'queue',
  operation: 'lock',
  subject: 'high',
  request: { generation: 0 },
  changes: true,
};

it('takes a lock that was asked for as its turn, though the queue fails or is slower with it than with others', () => {
  const { time, invariant } = setUp();
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'low'));
  time.nowMs = 101;
  invariant.onCall?.(lock);
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'other'))).toBeUndefined();
  invariant.onAnswer?.(lock, { ok: false, error: new QueueUnavailableError('busy') });
  invariant.onQueueEvent?.(makeEvent('unlocked', 'Queued', 1, 'other'));
  time.nowMs = 201;
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 2, 'other'))).toBeUndefined();
  invariant.onQueueEvent?.(makeEvent('unlocked', 'Queued', 2, 'other'));
  time.nowMs = 202;
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 3, 'other'))).toContain('high has been passed over');
});

it('does not take a lock that is refused for its turn', () => {
  const { time, invariant } = setUp();
  invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'low'));
  time.nowMs = 101;
  invariant.onCall?.(lock);
  invariant.onAnswer?.(lock, { ok: false, error: new LockConflictError('of another generation') });
  expect(invariant.onQueueEvent?.(makeEvent('locked', 'Locked', 1, 'other'))).toContain('high has been passed over');
});
