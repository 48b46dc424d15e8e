import * as fc from 'fast-check';
import type { PassGiven, VectorContainer, VectorInstance, VectorType } from '../vectors/vector-format.ts';

const gibibyte = 2 ** 30;

type DrawnInstance = Pick<VectorInstance, 'state' | 'idleBehavior'> & {
  readonly type: number;
  readonly running: readonly number[];
  readonly pending: boolean;
};
type DrawnType = Omit<VectorType, 'name' | 'providerType' | 'gpu'> & { readonly gpus: number };
type DrawnContainer = Omit<VectorContainer, 'uuid' | 'eligibleTypes' | 'firstSeen' | 'onWorker'> & {
  readonly eligible: number;
  readonly reversed: boolean;
};

/** Few distinct amounts, so that ties and exact fits are common. */
const instanceType: fc.Arbitrary<DrawnType> = fc.record<DrawnType>({
  vcpus: fc.constantFrom(1, 2, 4, 8),
  ram: fc.constantFrom(4, 8, 16).map((n) => n * gibibyte),
  scratch: fc.constantFrom(0, 8).map((n) => n * gibibyte),
  price: fc.constantFrom(0, 1, 1, 2, 3.5),
  preemptible: fc.boolean(),
  gpus: fc.constantFrom(0, 0, 0, 2),
});

const needs = fc.record({
  vcpus: fc.constantFrom(0, 0, 1, 1, 2, 3, 4, 8),
  ram: fc.constantFrom(0.25, 1, 3, 4, 7.5, 16).map((n) => n * gibibyte),
  scratch: fc.constantFrom(0, 0, 0, 5, 8).map((n) => n * gibibyte),
  gpus: fc.constantFrom(0, 0, 0, 0, 1, 2),
});

const container: fc.Arbitrary<DrawnContainer> = fc.record<DrawnContainer>({
  state: fc.constantFrom('Queued', 'Queued', 'Locked', 'Locked', 'Running', 'Complete'),
  priority: fc.constantFrom(0, 1, 5, 5, 9),
  supervisor: fc.constantFrom(false, false, false, true),
  formerAttemptAlive: fc.constantFrom(false, false, false, false, true),
  needs,
  /** Bits choose the eligible types; those too small are in it too, because the pass must not rely on the choice. */
  eligible: fc.nat(255),
  reversed: fc.boolean(),
});

const instance: fc.Arbitrary<DrawnInstance> = fc.record<DrawnInstance>({
  type: fc.nat(6),
  state: fc.constantFrom('unknown', 'booting', 'booting', 'idle', 'idle', 'running', 'running', 'shutdown'),
  idleBehavior: fc.constantFrom('run', 'run', 'run', 'run', 'hold', 'drain'),
  /** Containers that run there, by index; one beyond the queue's is unknown to it. */
  running: fc.array(fc.nat(30), { maxLength: 4 }),
  pending: fc.constantFrom(false, false, false, false, true),
});

const limits = fc.record({
  atQuota: fc.constantFrom(false, false, true),
  quotaRoom: fc.constantFrom(-1, 0, 1, 2, 5, 1000),
  createsAccepted: fc.constantFrom(0, 1, 2, 10),
  dynamicLimit: fc.constantFrom(0, 0, 1, 3, 8, 20),
  instancesWithinQuota: fc.constantFrom(0, 0, 2, 6),
  maxContainersPerInstance: fc.constantFrom(0, 0, 1, 3),
  supervisorFraction: fc.constantFrom(0, 0.2, 0.5, 1),
  atCapacity: fc.nat(255),
});

/**
 * Everything fits everywhere, and booting VMs run containers too: what is picked depends on the order of the candidates, on
 * how many containers each runs and on which are ready.
 */
const crowded = {
  containers: fc.array(
    fc.record({
      state: fc.constantFrom('Locked', 'Locked', 'Queued'),
      priority: fc.constantFrom(1, 5),
      supervisor: fc.constant(false),
      formerAttemptAlive: fc.constant(false),
      needs: fc.constantFrom(
        { vcpus: 0, ram: gibibyte / 4, scratch: 0, gpus: 0 },
        { vcpus: 1, ram: gibibyte / 4, scratch: 0, gpus: 0 },
        { vcpus: 2, ram: gibibyte, scratch: 0, gpus: 0 },
      ),
      eligible: fc.constantFrom(255, 255, 6),
      reversed: fc.constant(false),
    }),
    { minLength: 15, maxLength: 30 },
  ),
  instances: fc.array(
    fc.record({
      type: fc.nat(3),
      state: fc.constantFrom('booting', 'unknown', 'idle', 'running'),
      idleBehavior: fc.constant('run'),
      running: fc.array(fc.nat(14), { maxLength: 3 }),
      pending: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 4, maxLength: 14 },
  ),
  limits: fc.record({
    atQuota: fc.constant(false),
    quotaRoom: fc.constant(1000),
    createsAccepted: fc.constantFrom(0, 3),
    dynamicLimit: fc.constant(0),
    instancesWithinQuota: fc.constant(0),
    maxContainersPerInstance: fc.constantFrom(0, 0, 4),
    supervisorFraction: fc.constant(0),
    atCapacity: fc.constant(0),
  }),
} as const;

/** Nearly every VM is created in the pass itself, and shared by what comes after. */
const creating = {
  instances: fc.constant([]),
  limits: crowded.limits.map((limits) => ({ ...limits, createsAccepted: 6 })),
  containers: fc.array(
    fc.record({
      state: fc.constantFrom('Locked', 'Locked', 'Locked', 'Queued'),
      priority: fc.constantFrom(1, 5),
      supervisor: fc.constant(false),
      formerAttemptAlive: fc.constant(false),
      needs: fc
        .constantFrom(1, 2, 3, 5, 6)
        .map((vcpus) => ({ vcpus, ram: (vcpus * gibibyte) / 2, scratch: 0, gpus: 0 })),
      eligible: fc.constantFrom(255, 255, 1, 3),
      reversed: fc.boolean(),
    }),
    { minLength: 6, maxLength: 20 },
  ),
} as const;

const types = fc.array(instanceType, { minLength: 1, maxLength: 6 });
const largeTypes = fc.array(
  fc.record<DrawnType>({
    vcpus: fc.constantFrom(7, 8),
    ram: fc.constant(16 * gibibyte),
    scratch: fc.constant(0),
    price: fc.constant(1),
    preemptible: fc.constant(false),
    gpus: fc.constant(0),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Situations shaped like the recorded ones, and others that they leave out. */
export const randomPass: fc.Arbitrary<PassGiven> = fc
  .oneof(
    fc.record({
      types,
      containers: fc.array(container, { maxLength: 25 }),
      instances: fc.array(instance, { maxLength: 12 }),
      limits,
    }),
    fc.record({ types, ...crowded }),
    fc.record({ types: largeTypes, ...crowded, ...creating }),
  )
  .map(({ types, containers, instances, limits }) => {
    const instanceTypes = types.map(namedType);
    const placed = placeRunning(instances, containers.length);
    const running = new Set(placed.flatMap((uuids) => uuids));
    const { quotaRoom, atCapacity, ...rest } = limits;
    return {
      ...rest,
      quotaInstances: quotaRoom === 1000 ? 0 : Math.max(1, instances.length + quotaRoom),
      instanceTypes,
      typesAtCapacity: chosen(instanceTypes, atCapacity).map((type) => type.name),
      instances: instances.map((drawn, i) => instanceOf(drawn, i, instanceTypes, placed[i] ?? [])),
      containers: containers.map((drawn, i): VectorContainer => {
        const { eligible, reversed, ...known } = drawn;
        const names = chosen(instanceTypes, eligible | 1).map((type) => type.name);
        const onWorker = running.has(uuidOf(i));
        return {
          ...known,
          uuid: uuidOf(i),
          eligibleTypes: reversed ? names.toReversed() : names,
          firstSeen: (i * 7) % 31,
          onWorker,
          formerAttemptAlive: known.formerAttemptAlive && !onWorker,
        };
      }),
    };
  });

/** Each container runs on one VM at most, and never on a create in flight. */
function placeRunning(instances: readonly DrawnInstance[], containers: number): string[][] {
  const taken = new Set<number>();
  return instances.map(({ running, pending }) =>
    pending
      ? []
      : running.flatMap((i) => {
          if (taken.has(i) || i > containers + 3) return [];
          taken.add(i);
          return [uuidOf(i)];
        }),
  );
}

function instanceOf(
  drawn: DrawnInstance,
  i: number,
  types: readonly VectorType[],
  running: readonly string[],
): VectorInstance {
  const type = types[drawn.type]?.name ?? 'not-configured';
  if (drawn.pending) return { id: '', type, state: 'booting', idleBehavior: 'run', running: [] };
  const { state, idleBehavior } = drawn;
  return { id: `i-${(i * 5) % 13}-${i}`, type, state, idleBehavior, running };
}

function namedType(drawn: DrawnType, i: number): VectorType {
  const { gpus, ...type } = drawn;
  const gpu = { stack: 'cuda', driverVersion: '12.0', count: gpus, vram: gibibyte, hardwareTarget: '8.0' };
  return { ...type, name: `t${i}`, providerType: `p${i}`, ...(gpus > 0 ? { gpu } : {}) };
}

function chosen(types: readonly VectorType[], bits: number): readonly VectorType[] {
  return types.filter((_, i) => (bits & (1 << i)) !== 0);
}

function uuidOf(i: number): string {
  return `zzzzz-dz642-${String(i).padStart(15, '0')}`;
}
