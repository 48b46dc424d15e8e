import type { InstanceType, PoolSnapshot, QueueEntry, WorkerView } from '@drover/spec';
import { type PlanInput, QueueTable, type SchedulerOptions, defaultSchedulerOptions } from '../src/index.ts';

/** Bytes of a GiB. */
export const gibibyte = 2 ** 30;

/** A plain type: 4 vcpus, 16 GiB, 100 GiB scratch, 1 per hour. */
export function typeOf(name: string, changes: Partial<InstanceType> = {}): InstanceType {
  return {
    name,
    providerType: name,
    vcpus: 4,
    ramBytes: 16 * gibibyte,
    scratchBytes: 100 * gibibyte,
    includedScratchBytes: 100 * gibibyte,
    addedScratchBytes: 0,
    pricePerHour: 1,
    preemptible: false,
    ...changes,
  };
}

interface EntryChanges extends Partial<Omit<QueueEntry, 'resources' | 'scheduling'>> {
  readonly resources?: Partial<QueueEntry['resources']>;
  readonly scheduling?: Partial<QueueEntry['scheduling']>;
}

/** A queued container that asks 1 vcpu and 1 GiB; its uuid and sequence come from `n`. */
export function entryOf(n: number, changes: EntryChanges = {}): QueueEntry {
  const { resources, scheduling, ...rest } = changes;
  return {
    uuid: uuidOf(n),
    state: 'Queued',
    priority: 1,
    generation: 0,
    submittedAtMs: 0,
    sequence: n,
    infrastructureFailures: 0,
    ...rest,
    resources: {
      vcpus: 1,
      ramBytes: gibibyte,
      cacheRamBytes: 0,
      scratchBytes: [],
      cacheDiskBytes: 0,
      ...resources,
    },
    scheduling: { priority: 1, preemptible: false, supervisor: false, ...scheduling },
  };
}

export function uuidOf(n: number): string {
  return `zzzzz-dz642-${String(n).padStart(15, '0')}`;
}

/** An idle VM of type `plain`. */
export function workerOf(instanceId: string, changes: Partial<WorkerView> = {}): WorkerView {
  return {
    instanceId,
    instanceType: 'plain',
    state: 'idle',
    idleBehavior: 'run',
    containers: [],
    uncollected: 0,
    pricePerHour: 1,
    ...changes,
  };
}

/** Options with the one type `plain` and no limits, unless changed. */
export function optionsOf(changes: Partial<SchedulerOptions> = {}): SchedulerOptions {
  return { ...defaultSchedulerOptions, instanceTypes: [typeOf('plain')], maxInstances: 0, ...changes };
}

interface InputChanges extends Partial<Omit<PlanInput, 'pool' | 'queue' | 'options'>> {
  readonly pool?: Partial<PoolSnapshot>;
  readonly admission?: Partial<PoolSnapshot['admission']>;
  readonly options?: Partial<SchedulerOptions>;
}

/** What a pass reads, with a pool that accepts every create, unless changed. */
export function inputOf(entries: readonly QueueEntry[], changes: InputChanges = {}): PlanInput {
  const { pool, admission, options, ...rest } = changes;
  const queue = new QueueTable();
  for (const entry of entries) queue.set(entry);
  return {
    queue,
    options: optionsOf(options),
    nowMs: 1000,
    busy: new Set(),
    ...rest,
    pool: {
      revision: 1,
      ready: true,
      unknownWorkers: 0,
      workers: [],
      pendingCreates: [],
      finished: [],
      exited: [],
      admission: {
        atQuota: false,
        quotaRoom: Infinity,
        createRoom: Infinity,
        typesAtCapacity: new Set(),
        notes: [],
        ...admission,
      },
      ...pool,
    },
  };
}
