import type { InstanceType, PoolSnapshot, QueueEntry, WorkerContainer, WorkerView } from '@drover/spec';
import { type PlanInput, QueueTable, type SchedulerOptions, defaultSchedulerOptions } from '../src/index.ts';

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;

/** What a measured situation is made of. */
export interface WorldSize {
  readonly waiting: number;
  readonly instances: number;
  readonly shapes: number;
  readonly types: number;
  /**
   * `full`: every VM is in use; some have vcpus to spare and others RAM, none has both. `empty`: idle VMs. `half`: each VM
   * runs one small container.
   */
  readonly pool: 'full' | 'empty' | 'half';
  readonly state: 'Queued' | 'Locked';
}

/** Types of 2 to 64 vcpus at nearly one price per vcpu, so that the price cut leaves several to each shape. */
function makeTypes(count: number): InstanceType[] {
  const sizes = [2, 4, 8, 16, 32, 64];
  return Array.from({ length: count }, (_, i) => {
    const vcpus = sizes[i % sizes.length] ?? 2;
    const ramPerVcpu = [2, 4, 8][i % 3] ?? 4;
    return {
      name: `type-${i}`,
      providerType: `provider-${i}`,
      vcpus,
      ramBytes: vcpus * ramPerVcpu * gibibyte,
      scratchBytes: 100 * gibibyte,
      includedScratchBytes: 100 * gibibyte,
      addedScratchBytes: 0,
      pricePerHour: vcpus * (0.04 + (i % 7) * 0.002),
      preemptible: false,
    };
  });
}

/** Shape `n` asks 1 to 4 vcpus and RAM in steps that make each of the shapes another. */
export function makeEntry(n: number, shapes: number, state: 'Queued' | 'Locked'): QueueEntry {
  const shape = n % shapes;
  return {
    uuid: `zzzzz-dz642-${String(n).padStart(15, '0')}`,
    state,
    priority: 1 + ((n * 7919) % 1000),
    generation: state === 'Locked' ? 1 : 0,
    resources: {
      vcpus: 1 + (shape % 4),
      ramBytes: (1 + (shape % 4)) * gibibyte + Math.floor(shape / 4) * mebibyte,
      cacheRamBytes: 0,
      scratchBytes: [gibibyte],
      cacheDiskBytes: 0,
    },
    scheduling: { priority: 1, preemptible: false, supervisor: false },
    submittedAtMs: n,
    sequence: n,
    infrastructureFailures: 0,
  };
}

/** A queue and a pool of the given size. Creates are declined, and there is no quota unless the caller sets one. */
export function makeWorld(size: WorldSize): { readonly input: PlanInput; readonly queue: QueueTable } {
  const instanceTypes = makeTypes(size.types);
  const queue = new QueueTable();
  for (let n = 0; n < size.waiting; n += 1) queue.set(makeEntry(n, size.shapes, size.state));
  const workers = Array.from({ length: size.instances }, (_, i): WorkerView => {
    const type = instanceTypes[i % instanceTypes.length];
    const idle = size.pool === 'empty';
    return {
      instanceId: `i-${String(i).padStart(8, '0')}`,
      instanceType: type?.name ?? '',
      state: idle ? 'idle' : 'running',
      idleBehavior: 'run',
      containers:
        idle || type === undefined ? [] : size.pool === 'full' ? fill(queue, type, i) : [runOne(queue, i, 1, mebibyte)],
      uncollected: 0,
      pricePerHour: type?.pricePerHour ?? 0,
    };
  });
  const pool: PoolSnapshot = {
    revision: 1,
    ready: true,
    unknownWorkers: 0,
    workers,
    pendingCreates: [],
    finished: [],
    exited: [],
    admission: { atQuota: false, quotaRoom: Infinity, createRoom: 0, typesAtCapacity: new Set(), notes: [] },
  };
  const options: SchedulerOptions = {
    ...defaultSchedulerOptions,
    instanceTypes,
    maxInstances: 0,
    // Every type is cheap enough for every shape that fits it: the most candidates that there can be.
    maximumPriceFactor: 1000,
  };
  return { input: { pool, queue, options, nowMs: 0, busy: new Set() }, queue };
}

/** Two containers on each VM, which leave half the vcpus but no RAM, or RAM but no vcpu: by turns within each type. */
function fill(queue: QueueTable, type: InstanceType, i: number): WorkerContainer[] {
  const reserve = defaultSchedulerOptions.reserveExtraRamBytes;
  // The two leave 1,000 MiB, and the smallest shape needs 1,657.
  const ramBytes = Math.floor((type.ramBytes - 1000 * mebibyte) * 0.95) - 2 * reserve - mebibyte;
  const [vcpus, ram] = i % 100 < 50 ? [Math.ceil(type.vcpus / 2), ramBytes] : [type.vcpus - 1, mebibyte];
  return [runOne(queue, 2 * i, vcpus, ram), runOne(queue, 2 * i + 1, 0, 0)];
}

function runOne(queue: QueueTable, n: number, vcpus: number, ramBytes: number): WorkerContainer {
  const base = makeEntry(1_000_000_000 + n, 1, 'Locked');
  const resources = { ...base.resources, vcpus, ramBytes, scratchBytes: [] };
  queue.set({ ...base, state: 'Running', resources });
  return { uuid: base.uuid, generation: base.generation, phase: 'running' };
}
