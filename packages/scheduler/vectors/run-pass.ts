import type { ContainerUuid, InstanceType, PoolSnapshot, QueueEntry } from '@drover/spec';
import { PlanIndex } from '../src/plan-index.ts';
import type { PlanInput, PlanMemory } from '../src/plan-types.ts';
import { plan } from '../src/plan.ts';
import { QueueTable } from '../src/queue-view.ts';
import { defaultSchedulerOptions, type SchedulerOptions } from '../src/scheduler-options.ts';
import type { Shape, ShapeSource } from '../src/shape.ts';
import type { PassExpect, PassGiven, VectorContainer, VectorInstance, VectorType } from './vector-format.ts';

const generation = 7;
const nowMs = 1_000_000;

/** Decides one recorded situation with the production pass and tells the outcome as the vectors do. */
export function decide(
  given: PassGiven,
  extra: Partial<SchedulerOptions> = {},
  busy: ReadonlySet<ContainerUuid> = new Set(),
): PassExpect {
  const input = { ...planInputOf(given, extra), busy };
  const shapes = new VectorShapes(given, input.options.instanceTypes);
  return outcomeOf(input, {
    limits: { dynamicLimit: given.dynamicLimit, instancesWithinQuota: given.instancesWithinQuota, lastOverloadMs },
    index: new PlanIndex(input.options, shapes),
  });
}

/** Overload was answered one second ago, so that the limit does not grow. */
const lastOverloadMs = nowMs - 1000;

/** Runs one pass and tells what it decided as the vectors do. */
function outcomeOf(input: PlanInput, memory: PlanMemory): PassExpect {
  const result = plan(input, memory);
  const { actions } = result;
  return {
    order: result.memory.index.order.map((record) => record.uuid),
    starts: actions.flatMap((a) => (a.kind === 'start' ? [{ container: a.uuid, instance: a.instanceId }] : [])),
    creates: actions.flatMap((a) => (a.kind === 'create' ? [a.instanceType] : [])),
    locks: actions.flatMap((a) => (a.kind === 'lock' ? [a.uuid] : [])).toSorted(),
    unlocks: actions.flatMap((a) => (a.kind === 'unlock' ? [a.uuid] : [])),
    kills: actions.flatMap((a) => (a.kind === 'kill' ? [a.uuid] : [])),
    shutdowns: actions.flatMap((a) => (a.kind === 'shutdown' ? [a.instanceId] : [])),
    dynamicLimit: result.memory.limits.dynamicLimit,
    instancesWithinQuota: result.memory.limits.instancesWithinQuota,
  };
}

/** The vectors tell needs and eligible types, so they take the place of the rules that find them. */
class VectorShapes implements ShapeSource {
  readonly #byUuid = new Map<ContainerUuid, Shape>();

  constructor(given: PassGiven, types: readonly InstanceType[]) {
    const byName = new Map(types.map((type) => [type.name, type]));
    const known = new Map<string, Shape>();
    for (const { uuid, needs, eligibleTypes } of given.containers) {
      const key = JSON.stringify([needs, eligibleTypes]);
      const shape = known.get(key) ?? {
        needs: { vcpus: needs.vcpus, ramBytes: needs.ram, scratchBytes: needs.scratch, gpus: needs.gpus ?? 0 },
        types: eligibleTypes.flatMap((name) => byName.get(name) ?? []),
      };
      known.set(key, shape);
      this.#byUuid.set(uuid, shape);
    }
  }

  shapeOf(entry: QueueEntry): Shape {
    const shape = this.#byUuid.get(entry.uuid);
    if (shape === undefined) throw new Error(`the vector does not describe ${entry.uuid}`);
    return shape;
  }
}

function planInputOf(given: PassGiven, extra: Partial<SchedulerOptions>): PlanInput {
  const queue = new QueueTable();
  for (const container of given.containers) queue.set(entryOf(container));
  return {
    pool: poolOf(given),
    queue,
    options: {
      ...defaultSchedulerOptions,
      instanceTypes: given.instanceTypes.map(instanceTypeOf),
      maxContainersPerInstance: given.maxContainersPerInstance,
      supervisorFraction: given.supervisorFraction,
      countInstancesForLimit: false,
      ...extra,
    },
    nowMs,
    overloadedAtMs: lastOverloadMs,
    busy: new Set(),
    formerAlive: new Set(given.containers.filter((c) => c.formerAttemptAlive).map((c) => c.uuid)),
  };
}

/** An instance type as drover has it. */
export function instanceTypeOf(type: VectorType): InstanceType {
  const { gpu } = type;
  const base = {
    name: type.name,
    providerType: type.providerType,
    vcpus: type.vcpus,
    ramBytes: type.ram,
    scratchBytes: type.scratch,
    includedScratchBytes: type.scratch,
    addedScratchBytes: 0,
    pricePerHour: type.price,
    preemptible: type.preemptible,
  };
  if (gpu?.stack !== 'cuda' && gpu?.stack !== 'rocm') return base;
  const { stack, count, vram, driverVersion, hardwareTarget } = gpu;
  return { ...base, gpu: { stack, count, vramBytes: vram, driverVersion, hardwareTarget } };
}

function poolOf(given: PassGiven): PoolSnapshot {
  const pending = given.instances.filter((instance) => instance.id === '');
  return {
    revision: 1,
    ready: true,
    unknownWorkers: given.instances.filter((instance) => instance.state === 'unknown').length,
    workers: given.instances.filter((instance) => instance.id !== '').map(workerOf),
    pendingCreates: pending.map((instance, i) => ({ createId: `create-${i}`, instanceType: instance.type })),
    finished: [],
    exited: [],
    admission: {
      atQuota: given.atQuota,
      quotaRoom: given.quotaInstances > 0 ? given.quotaInstances - given.instances.length : Infinity,
      createRoom: given.createsAccepted,
      typesAtCapacity: new Set(given.typesAtCapacity),
      notes: [],
    },
  };
}

function workerOf(instance: VectorInstance): PoolSnapshot['workers'][number] {
  return {
    instanceId: instance.id,
    instanceType: instance.type,
    state: instance.state,
    idleBehavior: instance.idleBehavior,
    containers: instance.running.map((uuid) => ({ uuid, generation, phase: 'running' })),
    uncollected: 0,
    pricePerHour: 0,
  };
}

function entryOf(container: VectorContainer): QueueEntry {
  return {
    uuid: container.uuid,
    state: container.state,
    priority: container.priority,
    generation,
    resources: { vcpus: container.needs.vcpus, ramBytes: 0, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    scheduling: { priority: container.priority, preemptible: false, supervisor: container.supervisor },
    submittedAtMs: 0,
    sequence: container.firstSeen,
    infrastructureFailures: 0,
  };
}
