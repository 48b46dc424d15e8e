import { LockConflictError, type QueueEntry, QueueUnavailableError } from '@drover/spec';
import { expect, it } from 'vitest';
import { makeEvent } from '../../test/facts.ts';
import type { PortCall } from '../port-call.ts';
import { QueueModel } from './queue-model.ts';

const lock: PortCall = {
  dispatcher: 1,
  port: 'queue',
  operation: 'lock',
  subject: 'c1',
  request: { generation: 0 },
  changes: true,
};
const poll: PortCall = {
  dispatcher: 1,
  port: 'queue',
  operation: 'poll',
  subject: '',
  request: undefined,
  changes: false,
};

function entry(over: Partial<QueueEntry>): QueueEntry {
  return {
    uuid: 'c1',
    state: 'Queued',
    priority: 5,
    generation: 0,
    resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    scheduling: { priority: 5, preemptible: false, supervisor: false },
    submittedAtMs: 0,
    sequence: 1,
    infrastructureFailures: 0,
    ...over,
  };
}

const locked = entry({ state: 'Locked', generation: 1 });

/** A model that knows one container, as it was submitted. */
function setUp(): QueueModel {
  const model = new QueueModel(() => ({ priority: 5, attempts: 1, prefersSpot: false }));
  model.onQueueEvent(makeEvent('submitted', 'Queued', 0));
  return model;
}

it('takes what the contract says', () => {
  const model = setUp();
  model.onCall(lock);
  expect(model.onQueueEvent(makeEvent('locked', 'Locked', 1))).toBeUndefined();
  expect(model.onAnswer(lock, { ok: true, value: { entry: locked } })).toBeUndefined();
  model.onCall(poll);
  expect(model.onAnswer(poll, { ok: true, value: { cursor: '2', complete: true, entries: [locked] } })).toBeUndefined();
  expect(model.judged).toBe(2);
});

it('catches a refusal without a reason, and a yes without an effect', () => {
  const model = setUp();
  model.onCall(lock);
  expect(model.onAnswer(lock, { ok: false, error: new LockConflictError('x') })).toContain('the model says ok');
  model.onCall(lock);
  expect(model.onAnswer(lock, { ok: true, value: { entry: entry({ generation: 7 }) } })).toContain('Queued/7');
});

it('catches a commit for which nobody asked, and one that the contract forbids', () => {
  expect(setUp().onQueueEvent(makeEvent('locked', 'Locked', 1))).toContain('nobody has asked');
  const model = setUp();
  model.onCall(lock);
  expect(model.onQueueEvent(makeEvent('locked', 'Locked', 2))).toContain('Locked/2');
});

it('does not take a call that repeats what is so for the cause of another change', () => {
  const model = setUp();
  model.onCall(lock);
  model.onQueueEvent(makeEvent('locked', 'Locked', 1));
  // The first answer hangs; the lock is asked for again, and a user changes their mind meanwhile.
  model.onCall({ ...lock });
  const setPriority = { ...lock, dispatcher: 0, operation: 'setPriority', request: { priority: 0 } };
  model.onCall(setPriority);
  expect(model.onQueueEvent(makeEvent('priority', 'Locked', 1))).toBeUndefined();
  model.onCall(poll);
  const shown = { cursor: '3', complete: true, entries: [{ ...locked, priority: 0 }] };
  expect(model.onAnswer(poll, { ok: true, value: shown })).toBeUndefined();
  expect(model.onQueueEvent(makeEvent('priority', 'Locked', 1))).toContain('nobody has asked');
});

it('lets a call of which nothing is known have had its effect or not', () => {
  const unknown = { ok: false, error: new QueueUnavailableError('x') } as const;
  const landed = setUp();
  landed.onCall(lock);
  landed.onQueueEvent(makeEvent('locked', 'Locked', 1));
  expect(landed.onAnswer(lock, unknown)).toBeUndefined();
  const lost = setUp();
  lost.onCall(lock);
  expect(lost.onAnswer(lock, unknown)).toBeUndefined();
  expect(lost.judged).toBe(0);
});

it('lets an answer be right at any moment between question and answer', () => {
  const model = setUp();
  const second = { ...lock };
  model.onCall(lock);
  model.onCall(second);
  model.onCall(poll);
  model.onQueueEvent(makeEvent('locked', 'Locked', 1));
  expect(model.onAnswer(second, { ok: false, error: new LockConflictError('x') })).toContain('the model says ok');
  const before = { cursor: '1', complete: true, entries: [entry({})] };
  expect(model.onAnswer(poll, { ok: true, value: before })).toBeUndefined();
});

it('catches a poll that shows what is not so, and one that leaves out a change', () => {
  const model = setUp();
  model.onCall(poll);
  expect(model.onAnswer(poll, { ok: true, value: { cursor: '1', complete: true, entries: [locked] } })).toContain(
    'it is',
  );
  model.onCall(poll);
  expect(model.onAnswer(poll, { ok: true, value: { cursor: '1', complete: true, entries: [] } })).toContain(
    'not show c1',
  );
  model.onCall(poll);
  model.onAnswer(poll, { ok: true, value: { cursor: '1', complete: true, entries: [entry({})] } });
  model.onCall(lock);
  model.onQueueEvent(makeEvent('locked', 'Locked', 1));
  const next = { ...poll, request: '1' };
  model.onCall(next);
  expect(model.onAnswer(next, { ok: true, value: { cursor: '2', complete: false, entries: [] } })).toContain(
    'not show c1',
  );
});
