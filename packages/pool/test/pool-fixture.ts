import type {
  BehaviorDecision,
  CreateIntent,
  DispatchEvent,
  HostKeys,
  InstanceId,
  InstanceType,
  LockedContainer,
  PoolOutcome,
  StateStore,
} from '@drover/spec';
import {
  FakeCloud,
  type FakeCloudOptions,
  SeededRandom,
  settle,
  SimulatedClock,
  simulatedRunner,
  simulatedRunnerSource,
  SimulatedHosts,
  type SimulatedHostsOptions,
} from '@drover/testkit';
import { createPool, type Pool, type PoolOptionsInput, type PoolPorts } from '../src/index.ts';

/** A small and a large type. */
export const types: readonly InstanceType[] = [instanceType('small', 1, 1), instanceType('large', 4, 4)];

export function instanceType(name: string, vcpus: number, pricePerHour: number): InstanceType {
  return {
    name,
    providerType: `p-${name}`,
    vcpus,
    ramBytes: vcpus * 2 ** 30,
    scratchBytes: 0,
    includedScratchBytes: 0,
    addedScratchBytes: 0,
    pricePerHour,
    preemptible: false,
  };
}

/** Keeps everything in memory, so that it outlives a pool. */
export class MemoryStore implements StateStore {
  readonly pinned = new Map<InstanceId, HostKeys>();
  readonly decided = new Map<InstanceId, BehaviorDecision>();
  readonly open = new Map<string, CreateIntent>();
  /** What is asked for is done, and reported as failed. */
  failing = false;

  lead = () => Promise.reject(new Error('not used by the pool'));
  pins = async () => this.#checked(new Map(this.pinned));
  behaviors = async () => this.#checked(new Map(this.decided));
  intents = async () => this.#checked([...this.open.values()]);

  async setPin(id: InstanceId, keys: HostKeys): Promise<void> {
    this.#checked(this.pinned.set(id, keys));
  }

  async removePin(id: InstanceId): Promise<void> {
    this.#checked(this.pinned.delete(id) && this.decided.delete(id));
  }

  async setBehavior(id: InstanceId, decision: BehaviorDecision): Promise<void> {
    this.#checked(this.decided.set(id, decision));
  }

  async recordIntent(intent: CreateIntent): Promise<void> {
    this.#checked(this.open.set(intent.createId, intent));
  }

  async removeIntent(createId: string): Promise<void> {
    this.#checked(this.open.delete(createId));
  }

  #checked<T>(value: T): T {
    if (this.failing) throw new Error('the store is down');
    return value;
  }
}

/** What a test may set. */
export interface WorldOptions {
  readonly cloud?: Partial<Omit<FakeCloudOptions, 'clock' | 'random' | 'hooks'>>;
  readonly hosts?: Partial<Omit<SimulatedHostsOptions, 'clock' | 'random'>>;
  readonly pool?: Partial<PoolOptionsInput>;
  readonly seed?: number;
}

/** A cloud with hosts, a store, and one pool at a time over them. */
export class World {
  readonly clock = new SimulatedClock();
  readonly store = new MemoryStore();
  readonly events: DispatchEvent[] = [];
  readonly hosts: SimulatedHosts;
  readonly cloud: FakeCloud;
  readonly random: SeededRandom;
  readonly runner = simulatedRunner;
  readonly #options: WorldOptions;
  #pool: Pool | undefined;
  #epoch = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.random = new SeededRandom(options.seed ?? 1);
    this.hosts = new SimulatedHosts({
      clock: this.clock,
      random: this.random,
      hooks: { onPowerOff: (id) => this.cloud.powerOff(id) },
      ...options.hosts,
    });
    this.cloud = new FakeCloud({
      clock: this.clock,
      random: this.random,
      hooks: this.hosts.cloudHooks,
      ...options.cloud,
    });
  }

  get pool(): Pool {
    if (this.#pool === undefined) throw new Error('no pool has been started');
    return this.#pool;
  }

  /** A new pool, as a new dispatcher would make it, not started. */
  makePool(ports: Partial<PoolPorts> = {}): Pool {
    this.#epoch += 1;
    this.#pool = createPool({
      instanceSet: this.cloud,
      executorFactory: this.hosts.executorFactory,
      stateStore: this.store,
      clock: this.clock,
      random: this.random.fork(`pool ${this.#epoch}`),
      observe: (event) => this.events.push(event),
      runner: simulatedRunnerSource,
      epoch: this.#epoch,
      options: { instanceSetId: 'set', instanceTypes: types, bootProbeCommand: 'true', ...this.#options.pool },
      ...ports,
    });
    return this.#pool;
  }

  /** A new pool with its first listing done. */
  async start(): Promise<Pool> {
    const pool = this.makePool();
    const started = pool.start();
    await this.clock.advance(0);
    await started;
    return pool;
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settle();
  }

  /** Creates one VM of the type and waits until it is idle. */
  async bootOne(type = 'small'): Promise<InstanceId> {
    const before = new Set(this.pool.snapshot().workers.map((w) => w.instanceId));
    const [outcome] = this.pool.apply([{ kind: 'create', instanceType: type }]);
    if (outcome?.kind !== 'done') throw new Error(`create: ${JSON.stringify(outcome)}`);
    for (let i = 0; i < 400; i += 1) {
      const worker = this.pool.snapshot().workers.find((w) => !before.has(w.instanceId));
      if (worker?.state === 'idle') return worker.instanceId;
      await this.advance(1_000);
    }
    throw new Error('the VM did not become idle');
  }

  startOn(instanceId: InstanceId, container: LockedContainer): PoolOutcome | undefined {
    return this.pool.apply([{ kind: 'start', instanceId, container }])[0];
  }

  worker(instanceId: InstanceId) {
    return this.pool.snapshot().workers.find((w) => w.instanceId === instanceId);
  }

  instance(instanceId: InstanceId) {
    return this.pool.instances().find((i) => i.instanceId === instanceId);
  }

  eventsOf<T extends DispatchEvent['type']>(type: T): Extract<DispatchEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<DispatchEvent, { type: T }> => event.type === type);
  }
}

let sequence = 0;

/** A container as the queue hands it over. */
export function container(name: string, generation = 1): LockedContainer {
  sequence += 1;
  const resources = { vcpus: 1, ramBytes: 2 ** 20, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 };
  const scheduling = { priority: 1, preemptible: false, supervisor: false };
  return {
    entry: {
      uuid: `zzzzz-dz642-${name.padStart(15, '0')}`,
      state: 'Locked',
      priority: 1,
      generation,
      resources,
      scheduling,
      submittedAtMs: 0,
      sequence,
      infrastructureFailures: 0,
    },
    spec: { command: [name], env: {}, resources, scheduling, retry: { attempts: 1, on: [] } },
  };
}
