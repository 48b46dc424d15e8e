import { expect, it } from 'vitest';
import { makeEvent, makeRecord } from '../../test/facts.ts';
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
