import type {
  ContainerState,
  ExitedRun,
  FinishedRun,
  InstanceType,
  PendingCreate,
  PoolSnapshot,
  QueueEntry,
  WorkerContainer,
  WorkerView,
} from '@drover/spec';
import * as fc from 'fast-check';
import { type PlanInput, QueueTable, type SchedulerOptions, defaultSchedulerOptions } from '../src/index.ts';

const gibibyte = 2 ** 30;

function instanceType(name: string, vcpus: number, ramGib: number, price: number, preemptible = false): InstanceType {
  const ramBytes = ramGib * gibibyte;
  const scratch = { scratchBytes: 10 * gibibyte, includedScratchBytes: 10 * gibibyte, addedScratchBytes: 0 };
  return { name, providerType: name, vcpus, ramBytes, ...scratch, pricePerHour: price, preemptible };
}

const instanceTypes = [
  instanceType('small', 2, 8, 1),
  instanceType('twin', 2, 8, 1),
  instanceType('large', 8, 32, 1.4),
  instanceType('spot', 4, 16, 0.5, true),
];

/** One change of the world; the numbers choose what it is done to. */
export const randomChange = fc.record({
  kind: fc.constantFrom(
    'submit',
    'submit',
    'submit',
    'entry',
    'entry',
    'leave',
    'worker',
    'worker',
    'worker-changes',
    'worker-changes',
    'worker-runs',
    'worker-runs',
    'worker-runs',
    'worker-gone',
    'pending',
    'ended',
    'admission',
    'time',
  ),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(1000),
});

/** What changes between two passes: mostly little, now and then a lot, for which the caches have other ways. */
export const randomChanges = fc.oneof(
  { weight: 9, arbitrary: fc.array(randomChange, { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(randomChange, { minLength: 60, maxLength: 120 }) },
);

export type Change = typeof randomChange extends fc.Arbitrary<infer T> ? T : never;

/** A queue and a pool that change at random, as the shell would show them to a pass. */
export class RandomWorld {
  readonly queue = new QueueTable(20);
  readonly options: SchedulerOptions;
  workers: WorkerView[] = [];
  pendingCreates: PendingCreate[] = [];
  exited: ExitedRun[] = [];
  finished: FinishedRun[] = [];
  admission: PoolSnapshot['admission'] = {
    atQuota: false,
    quotaRoom: Infinity,
    createRoom: 2,
    typesAtCapacity: new Set(),
    notes: [],
  };
  nowMs = 0;
  overloadedAtMs: number | undefined;
  #serial = 0;

  constructor(options: Partial<SchedulerOptions>) {
    this.options = { ...defaultSchedulerOptions, instanceTypes, ...options };
  }

  input(): PlanInput {
    const { workers, pendingCreates, exited, finished, admission } = this;
    const pool = { revision: 0, ready: true, unknownWorkers: 0, workers, pendingCreates, exited, finished, admission };
    const { queue, options, nowMs, overloadedAtMs } = this;
    return { pool, queue, options, nowMs, overloadedAtMs, busy: new Set() };
  }

  apply({ kind, a, b, c }: Change): void {
    switch (kind) {
      case 'submit':
        this.queue.set(entryOf((this.#serial += 1), a, b, c));
        return;
      case 'entry':
        this.#changeEntry(a, b, c);
        return;
      case 'leave':
        this.queue.delete(this.#entry(a)?.uuid ?? '');
        return;
      case 'worker':
        this.#addWorker(a, b);
        return;
      case 'worker-changes':
        this.#changeWorker(a, (worker) => ({
          ...worker,
          state: pick(['unknown', 'booting', 'idle', 'running', 'shutdown'], b),
          idleBehavior: pick(['run', 'run', 'run', 'hold', 'drain'], c),
        }));
        return;
      case 'worker-runs':
        this.#changeWorker(a, (worker) => ({ ...worker, containers: this.#runs(worker, b, c) }));
        return;
      case 'worker-gone':
        this.#removeWorker(a, b, c);
        return;
      case 'pending':
        this.pendingCreates = Array.from({ length: a % 3 }, (_, i) => ({
          createId: `c${i}`,
          instanceType: pick(instanceTypes, b + i).name,
        }));
        return;
      case 'ended':
        this.#changeEnded(a, b);
        return;
      case 'admission':
        this.#changeAdmission(a, b, c);
        return;
      case 'time':
        this.nowMs += a * 200;
        if (b % 4 === 0) this.overloadedAtMs = this.nowMs;
        return;
    }
  }

  #entry(n: number): QueueEntry | undefined {
    const entries = [...this.queue.entries.values()];
    return entries[n % Math.max(1, entries.length)];
  }

  #changeEntry(a: number, b: number, c: number): void {
    const entry = this.#entry(a);
    if (entry === undefined) return;
    const state: ContainerState = pick(['Queued', 'Locked', 'Running', 'Complete'], b);
    const onDemandOnly = c % 4 === 0;
    // No queue changes what a container asks, but nothing here may rest on that.
    const vcpus = c % 7 === 0 ? b % 4 : entry.resources.vcpus;
    const resources = { ...entry.resources, vcpus };
    this.queue.set({
      ...entry,
      state,
      priority: c % 3,
      generation: entry.generation + (c % 2),
      onDemandOnly,
      resources,
    });
  }

  #addWorker(a: number, b: number): void {
    const worker: WorkerView = {
      instanceId: `i-${(a * 31) % 97}-${(this.#serial += 1)}`,
      instanceType: a % 11 === 0 ? 'not-configured' : pick(instanceTypes, a).name,
      state: pick(['booting', 'idle', 'idle', 'running', 'unknown'], b),
      idleBehavior: 'run',
      containers: [],
      uncollected: 0,
      pricePerHour: 1,
    };
    this.workers = b % 2 === 0 ? [worker, ...this.workers] : [...this.workers, worker];
  }

  #changeWorker(n: number, change: (worker: WorkerView) => WorkerView): void {
    this.workers = this.workers.map((worker, i) => (i === n % this.workers.length ? change(worker) : worker));
  }

  /** As in the pool, the last one takes the place; now and then the id is back at once, with another type. */
  #removeWorker(a: number, b: number, c: number): void {
    const gone = this.workers[a % Math.max(1, this.workers.length)];
    const last = this.workers.at(-1);
    if (gone === undefined || last === undefined) return;
    const left = this.workers.slice(0, -1).map((worker) => (worker === gone ? last : worker));
    const again: WorkerView = { ...gone, containers: [], instanceType: pick(instanceTypes, b).name };
    this.workers = c % 5 === 0 ? [...left, again] : left;
  }

  #runs(worker: WorkerView, b: number, c: number): WorkerContainer[] {
    const kept = worker.containers.filter((_, i) => (c >> i) % 2 === 0);
    const entry = this.#entry(b);
    if (entry === undefined || c % 3 === 0 || kept.some(({ uuid }) => uuid === entry.uuid)) return kept;
    const generation = Math.max(0, entry.generation - (c % 5 === 0 ? 1 : 0));
    return [...kept, { uuid: entry.uuid, generation, phase: pick(['starting', 'running', 'killing'], b) }];
  }

  #changeEnded(a: number, b: number): void {
    const entry = this.#entry(a);
    if (entry === undefined || b % 3 === 0) {
      this.exited = this.exited.slice(1);
      this.finished = this.finished.slice(1);
      return;
    }
    const run = { uuid: entry.uuid, generation: Math.max(0, entry.generation - (b % 2)), instanceId: 'i-gone' };
    if (b % 3 === 1) {
      this.exited = [...this.exited, { ...run, atMs: this.nowMs, reason: 'instance-lost', detail: '' }];
      return;
    }
    const result = { oom: false, timedOut: false, killed: false, preempted: false, unknown: false, exitCode: 0 };
    const times = { startedAtMs: 0, finishedAtMs: 1, logs: [] };
    const ended = { ...run, instanceType: 'gone', pricePerHour: 1, result: { ...result, ...times }, hash: '' };
    this.finished = [...this.finished, { ...ended, logs: [] }];
  }

  #changeAdmission(a: number, b: number, c: number): void {
    this.admission = {
      atQuota: a % 4 === 0,
      quotaRoom: pick([Infinity, Infinity, 0, 1, 3], b),
      createRoom: pick([0, 1, 2, 10], c),
      typesAtCapacity: new Set(instanceTypes.filter((_, i) => (a >> (i + 2)) % 3 === 0).map((type) => type.name)),
      notes: [],
    };
  }
}

function entryOf(serial: number, a: number, b: number, c: number): QueueEntry {
  return {
    uuid: `zzzzz-dz642-${String(serial).padStart(15, '0')}`,
    state: pick(['Queued', 'Queued', 'Locked'], a),
    priority: 1 + (b % 3),
    generation: c % 2,
    resources: {
      vcpus: pick([0, 1, 1, 2, 3, 8, 64], c),
      ramBytes: pick([0.5, 1, 4, 6], a) * gibibyte,
      cacheRamBytes: 0,
      scratchBytes: b % 5 === 0 ? [6 * gibibyte] : [],
      cacheDiskBytes: 0,
    },
    scheduling: { priority: 1, preemptible: pick([false, false, true, 'prefer'], b), supervisor: a % 6 === 0 },
    submittedAtMs: 0,
    sequence: serial,
    infrastructureFailures: 0,
  };
}

function pick<T>(from: readonly T[], n: number): T {
  const chosen = from[n % from.length];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}
