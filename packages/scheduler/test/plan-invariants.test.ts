import type { QueueEntry, WorkerView } from '@drover/spec';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Needs,
  type PlanAction,
  type PlanInput,
  QueueTable,
  chooseTypes,
  createPlanMemory,
  needsOf,
  plan,
} from '../src/index.ts';
import { propertyRuns } from './property-runs.ts';
import { RandomWorld, randomChange } from './random-world.ts';

const worldOptions = fc.record({
  maxContainersPerInstance: fc.constantFrom(0, 0, 2),
  fenced: fc.boolean(),
  countInstancesForLimit: fc.boolean(),
  maxInstances: fc.constantFrom(0, 0, 3, 64),
});

/** The input of a pass after many random changes. */
const randomInput: fc.Arbitrary<PlanInput> = fc
  .tuple(worldOptions, fc.array(randomChange, { minLength: 20, maxLength: 90 }))
  .map(([options, changes]) => {
    const world = new RandomWorld(options);
    for (const change of changes) world.apply(change);
    return world.input();
  });

function check(property: (input: PlanInput, actions: readonly PlanAction[]) => void): void {
  fc.assert(
    fc.property(randomInput, (input) => {
      property(input, plan(input, createPlanMemory(input.options)).actions);
    }),
    propertyRuns(500),
  );
}

function entryOf(input: PlanInput, uuid: string): QueueEntry {
  const entry = input.queue.entries.get(uuid);
  if (entry === undefined) throw new Error(`${uuid} is not in the queue`);
  return entry;
}

function startsByWorker(input: PlanInput, actions: readonly PlanAction[]): Map<WorkerView, QueueEntry[]> {
  const starts = new Map<WorkerView, QueueEntry[]>();
  for (const action of actions) {
    if (action.kind !== 'start') continue;
    const worker = input.pool.workers.find(({ instanceId }) => instanceId === action.instanceId);
    if (worker === undefined) throw new Error(`no worker ${action.instanceId}`);
    starts.set(worker, [...(starts.get(worker) ?? []), entryOf(input, action.uuid)]);
  }
  return starts;
}

test('the random situations lead to every kind of action', () => {
  const inputs = fc.sample(randomInput, { numRuns: 300, seed: 1 });
  const kinds = inputs.flatMap((input) =>
    plan(input, createPlanMemory(input.options)).actions.map((action) => action.kind),
  );
  expect(new Set(kinds)).toEqual(new Set(['lock', 'unlock', 'start', 'create', 'kill', 'shutdown', 'reject']));
});

test('starts only on ready workers that take work, of an eligible type', () => {
  check((input, actions) => {
    const { instanceTypes, maximumPriceFactor } = input.options;
    for (const [worker, entries] of startsByWorker(input, actions)) {
      expect(['idle', 'running']).toContain(worker.state);
      expect(worker.idleBehavior).toBe('run');
      for (const entry of entries) {
        const eligible = chooseTypes(instanceTypes, entry, needsOf(entry, input.options), maximumPriceFactor);
        expect(eligible.map((type) => type.name)).toContain(worker.instanceType);
      }
    }
  });
});

test('never puts more on a worker than it has', () => {
  check((input, actions) => {
    for (const [worker, entries] of startsByWorker(input, actions)) {
      const type = input.options.instanceTypes.find(({ name }) => name === worker.instanceType);
      const present = worker.containers.map(({ uuid }) => entryOf(input, uuid));
      const needs = [...present, ...entries].map((entry) => needsOf(entry, input.options));
      const sum = (amount: (needs: Needs) => number): number => needs.reduce((total, n) => total + amount(n), 0);
      const shared = needs.some(({ vcpus }) => vcpus === 0) ? 1 : 0;
      expect(sum((n) => n.vcpus) + shared).toBeLessThanOrEqual(type?.vcpus ?? 0);
      expect(sum((n) => n.ramBytes)).toBeLessThanOrEqual(type?.ramBytes ?? 0);
      expect(sum((n) => n.scratchBytes)).toBeLessThanOrEqual(type?.scratchBytes ?? 0);
      const { maxContainersPerInstance } = input.options;
      expect(needs.length).toBeLessThanOrEqual(maxContainersPerInstance > 0 ? maxContainersPerInstance : Infinity);
    }
  });
});

test('never creates more than the pool admits, nor what it cannot supply', () => {
  check((input, actions) => {
    const { atQuota, quotaRoom, createRoom, typesAtCapacity } = input.pool.admission;
    const creates = actions.flatMap((action) => (action.kind === 'create' ? [action.instanceType] : []));
    expect(creates.length).toBeLessThanOrEqual(atQuota ? 0 : Math.min(quotaRoom, createRoom));
    for (const name of creates) expect(typesAtCapacity).not.toContain(name);
  });
});

test('at most one action per container, and one that its state allows', () => {
  const states = {
    lock: ['Queued'],
    start: ['Locked'],
    unlock: ['Locked'],
    kill: ['Queued', 'Locked'],
    reject: ['Queued', 'Locked'],
  } as const;
  check((input, actions) => {
    const seen = new Set<string>();
    for (const action of actions) {
      if (action.kind === 'create' || action.kind === 'shutdown') continue;
      expect(seen).not.toContain(action.uuid);
      seen.add(action.uuid);
      const entry = entryOf(input, action.uuid);
      expect(states[action.kind]).toContain(entry.state);
      expect(entry.priority).toBeGreaterThanOrEqual(action.kind === 'unlock' ? 0 : 1);
      expect(action.kind === 'kill' ? entry.generation : action.generation).toBe(entry.generation);
    }
  });
});

test('nothing is started that may be alive already', () => {
  check((input, actions) => {
    const { workers, exited, finished } = input.pool;
    const alive = new Set(workers.flatMap(({ containers }) => containers.map(({ uuid }) => uuid)));
    for (const action of actions) {
      if (action.kind !== 'start') continue;
      expect(alive).not.toContain(action.uuid);
      const ended = [...exited, ...finished].filter(({ uuid }) => uuid === action.uuid);
      // An older attempt that has ended for certain does not matter where generations tell them apart.
      for (const run of ended) expect(input.options.fenced && run.generation < action.generation).toBe(true);
    }
  });
});

test('shuts down only booting or idle workers that hold nothing, and never on hold', () => {
  check((input, actions) => {
    const started = startsByWorker(input, actions);
    for (const action of actions) {
      if (action.kind !== 'shutdown') continue;
      const worker = input.pool.workers.find(({ instanceId }) => instanceId === action.instanceId);
      expect(worker).toMatchObject({ containers: [], uncollected: 0 });
      expect(['booting', 'idle']).toContain(worker?.state);
      expect(worker?.idleBehavior).not.toBe('hold');
      expect([...started.keys()]).not.toContain(worker);
    }
  });
});

test('a container is not started before an equal one of higher priority has a place', () => {
  const hasPlace = [
    'starting',
    'waiting-for-boot',
    'waiting-for-create',
    'former-attempt-alive',
    'running',
    'finished',
  ];
  fc.assert(
    fc.property(randomInput, (input) => {
      const { actions, reasons } = plan(input, createPlanMemory(input.options));
      for (const action of actions) {
        if (action.kind !== 'start') continue;
        const lower = entryOf(input, action.uuid);
        for (const higher of input.queue.entries.values()) {
          if (higher.state !== 'Locked' || higher.priority <= lower.priority || higher.scheduling.supervisor) continue;
          if (!isEqualRequest(higher, lower)) continue;
          expect(hasPlace).toContain(reasons.codeOf(higher.uuid));
        }
      }
    }),
    propertyRuns(500),
  );
});

function isEqualRequest(a: QueueEntry, b: QueueEntry): boolean {
  const request = ({ resources, scheduling }: QueueEntry): string =>
    JSON.stringify([resources, scheduling.preemptible]);
  return request(a) === request(b);
}

test('the order in which workers and containers are listed decides nothing', () => {
  check((input, actions) => {
    const queue = new QueueTable();
    for (const entry of [...input.queue.entries.values()].toReversed()) queue.set(entry);
    const pool = { ...input.pool, workers: input.pool.workers.toReversed() };
    expect(plan({ ...input, queue, pool }, createPlanMemory(input.options)).actions).toEqual(actions);
  });
});

test('the same input again leads to the same actions, and to none for containers that are busy with them', () => {
  fc.assert(
    fc.property(randomInput, (drawn) => {
      const input = { ...drawn, overloadedAtMs: undefined };
      const first = plan(input, createPlanMemory(input.options));
      const second = plan(input, first.memory);
      expect(second.actions).toEqual(first.actions);
      expect(second.memory.limits).toEqual(first.memory.limits);
      const busy = new Set(first.actions.flatMap((action) => ('uuid' in action ? [action.uuid] : [])));
      const third = plan({ ...input, busy }, second.memory);
      expect(third.actions).toEqual(first.actions.filter((action) => !('uuid' in action)));
    }),
    propertyRuns(500),
  );
});
