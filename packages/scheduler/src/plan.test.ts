import type { QueueEntry, WorkerContainer } from '@drover/spec';
import { expect, test } from 'vitest';
import { entryOf, inputOf, typeOf, uuidOf, workerOf } from '../test/entries.ts';
import { createPlanMemory, plan } from './plan.ts';
import { QueueTable } from './queue-view.ts';
import type { PlanAction, PlanInput, PlanResult } from './plan-types.ts';

function decide(input: PlanInput): PlanResult {
  return plan(input, createPlanMemory(input.options));
}

function actionsOf(entries: readonly QueueEntry[], changes: Parameters<typeof inputOf>[1]): readonly PlanAction[] {
  return decide(inputOf(entries, changes)).actions;
}

function run(n: number, generation: number): WorkerContainer {
  return { uuid: uuidOf(n), generation, phase: 'running' };
}

const locked = { state: 'Locked', generation: 1 } as const;

test('locks what is queued, starts what is locked on a VM with room, asks for a VM when none has', () => {
  const workers = [workerOf('i-1')];
  const entries = [
    entryOf(1),
    entryOf(2, { ...locked, resources: { vcpus: 4 } }),
    entryOf(3, { ...locked, resources: { vcpus: 4 } }),
  ];
  expect(actionsOf(entries, { pool: { workers } })).toEqual([
    { kind: 'start', uuid: uuidOf(2), generation: 1, instanceId: 'i-1' },
    { kind: 'create', instanceType: 'plain' },
    { kind: 'lock', uuid: uuidOf(1), generation: 0 },
  ]);
});

test('decides nothing before the pool is ready', () => {
  const { actions, reasons } = decide(inputOf([entryOf(1), entryOf(2, locked)], { pool: { ready: false } }));
  expect(actions).toEqual([]);
  expect(reasons.codeOf(uuidOf(1))).toBe('recovering');
});

test('a busy container keeps its place and its VM, and gets no action', () => {
  const entries = [entryOf(1, { ...locked, priority: 9, resources: { vcpus: 4 } }), entryOf(2, locked)];
  const changes = { pool: { workers: [workerOf('i-1')] }, admission: { createRoom: 0 } };
  expect(actionsOf(entries, { ...changes, busy: new Set([uuidOf(1)]) })).toEqual([]);
});

test('a container whose fate is not known is neither placed nor unlocked', () => {
  const entries = [entryOf(1, { ...locked, resources: { vcpus: 4 } }), entryOf(2, locked)];
  const recovering = new Set([uuidOf(1)]);
  expect(actionsOf(entries, { pool: { workers: [workerOf('i-1')] }, recovering })).toEqual([
    { kind: 'start', uuid: uuidOf(2), generation: 1, instanceId: 'i-1' },
  ]);
  expect(actionsOf(entries, { admission: { atQuota: true }, recovering })).toEqual([
    { kind: 'unlock', uuid: uuidOf(2), generation: 1, reason: 'over-quota' },
  ]);
});

test('an older attempt that is alive is killed before the next one is locked or started', () => {
  const old = workerOf('i-old', { state: 'running', containers: [run(1, 1)] });
  const pool = { workers: [old, workerOf('i-1')] };
  const kill = { kind: 'kill', uuid: uuidOf(1), reason: 'a former attempt is still running' };
  expect(actionsOf([entryOf(1, { state: 'Queued', generation: 2 })], { pool })).toEqual([kill]);
  expect(actionsOf([entryOf(1, { state: 'Locked', generation: 2 })], { pool })).toEqual([kill]);
});

test('a run of the present generation, or of any where nothing fences, is left alone', () => {
  const pool = { workers: [workerOf('i-old', { state: 'running', containers: [run(1, 1)] }), workerOf('i-1')] };
  expect(actionsOf([entryOf(1, { state: 'Locked', generation: 1 })], { pool })).toEqual([]);
  expect(actionsOf([entryOf(1, { state: 'Locked', generation: 2 })], { pool, options: { fenced: false } })).toEqual([]);
});

test('a run that has ended holds its container back until that is settled', () => {
  const exited = [
    { uuid: uuidOf(1), generation: 1, instanceId: 'i-9', atMs: 0, reason: 'instance-lost', detail: '' },
  ] as const;
  const pool = { workers: [workerOf('i-1')], exited };
  const { actions, reasons } = decide(inputOf([entryOf(1, locked)], { pool }));
  expect(actions).toEqual([]);
  expect(reasons.codeOf(uuidOf(1))).toBe('finished');
  expect(actionsOf([entryOf(1, { state: 'Locked', generation: 2 })], { pool })).toHaveLength(1);
});

test('what no type can serve is rejected with the reason, and takes no place', () => {
  const entries = [entryOf(1, { priority: 9, resources: { vcpus: 5 } }), entryOf(2)];
  const { actions, reasons } = decide(inputOf(entries, { options: { maxInstances: 1 } }));
  expect(actions).toEqual([
    { kind: 'reject', uuid: uuidOf(1), generation: 0, message: expect.stringContaining('"vcpus"') },
    { kind: 'lock', uuid: uuidOf(2), generation: 0 },
  ]);
  expect(reasons.codeOf(uuidOf(1))).toBe('unsatisfiable');
});

test('spot is asked for first where it is preferred, on-demand when there is none', () => {
  const instanceTypes = [typeOf('plain'), typeOf('spot', { preemptible: true, pricePerHour: 2 })];
  const entries = [entryOf(1, { ...locked, scheduling: { preemptible: 'prefer' } })];
  const options = { instanceTypes };
  expect(actionsOf(entries, { options })).toEqual([{ kind: 'create', instanceType: 'spot' }]);
  const admission = { typesAtCapacity: new Set(['spot']) };
  expect(actionsOf(entries, { options, admission })).toEqual([{ kind: 'create', instanceType: 'plain' }]);
});

test('a VM with a result that is not collected is not shut down for quota', () => {
  const workers = [workerOf('i-1', { uncollected: 1 }), workerOf('i-2')];
  const entries = [entryOf(1, { resources: { vcpus: 4 } }), entryOf(2, { resources: { vcpus: 4 } }), entryOf(3)];
  const full = workers.map((worker) => ({ ...worker, instanceType: 'other' }));
  expect(actionsOf(entries, { pool: { workers: full }, admission: { atQuota: true } })).toEqual([
    { kind: 'shutdown', instanceId: 'i-2' },
  ]);
});

test('counting VMs, the limit does not hold back what fits on a VM in use', () => {
  const entries = [
    entryOf(1, { state: 'Running', generation: 1 }),
    entryOf(2, locked),
    entryOf(3, { ...locked, resources: { vcpus: 4 } }),
  ];
  const workers = [workerOf('i-1', { state: 'running', containers: [run(1, 1)] }), workerOf('i-2')];
  const options = { initialQuotaEstimate: 1, overloadQuietMs: Infinity };
  const input = inputOf(entries, { pool: { workers }, options, overloadedAtMs: 0 });
  const memory = createPlanMemory(input.options);
  const limits = { ...memory.limits, lastOverloadMs: 0 };
  const { actions, reasons } = plan(input, { ...memory, limits });
  expect(actions).toEqual([{ kind: 'start', uuid: uuidOf(2), generation: 1, instanceId: 'i-1' }]);
  expect(reasons.codeOf(uuidOf(3))).toBe('container-limit');
});

test('at quota small containers do not fill the VMs for ever before a large one of higher priority', () => {
  const entries = [
    entryOf(1, { state: 'Running', generation: 1 }),
    entryOf(2, { ...locked, priority: 9, resources: { vcpus: 4 } }),
    entryOf(3, locked),
  ];
  const workers = [workerOf('i-1', { state: 'running', containers: [run(1, 1)] })];
  const { actions, reasons } = decide(inputOf(entries, { pool: { workers }, admission: { atQuota: true } }));
  expect(actions).toEqual([{ kind: 'unlock', uuid: uuidOf(3), generation: 1, reason: 'over-quota' }]);
  expect(reasons.codeOf(uuidOf(2))).toBe('over-quota');
});

test('remembers since when a reason holds', () => {
  const input = inputOf([entryOf(1, locked)], { admission: { createRoom: 0 } });
  const first = plan(input, createPlanMemory(input.options));
  const later = plan({ ...input, nowMs: 5000 }, first.memory);
  expect(later.memory.index.records.get(uuidOf(1))).toMatchObject({ code: 'create-declined', sinceMs: 1000 });
  const pool = { ...input.pool, admission: { ...input.pool.admission, atQuota: true } };
  const { memory } = plan({ ...input, pool, nowMs: 9000 }, later.memory);
  expect(memory.index.records.get(uuidOf(1))).toMatchObject({ code: 'over-quota', sinceMs: 9000 });
});

test('counts what waits, by reason', () => {
  const entries = [entryOf(1), entryOf(2), entryOf(3, { priority: 0 }), entryOf(4, { state: 'Running' })];
  const { reasons, overQuota } = decide(inputOf(entries, {}));
  expect(Object.fromEntries(reasons.counts())).toEqual({ 'waiting-for-lock': 2, 'priority-zero': 1, recovering: 1 });
  expect(overQuota).toBe(0);
});

test('forgets shapes that are long gone, and decides the same', () => {
  const shapes = 10_001;
  const entries = Array.from({ length: shapes }, (_, i) => entryOf(i, { resources: { ramBytes: i } }));
  const queue = new QueueTable();
  for (const entry of entries) queue.set(entry);
  const input = { ...inputOf([]), queue };
  const first = plan(input, createPlanMemory(input.options));
  for (let n = 1; n < shapes; n += 1) queue.delete(uuidOf(n));
  const second = plan(input, first.memory);
  expect(second.memory.index).toBe(first.memory.index);
  const third = plan(input, second.memory);
  expect(third.memory.index).not.toBe(first.memory.index);
  expect(third.actions).toEqual(second.actions);
  expect(third.actions).toHaveLength(1);
});
