import type { ContainerSpec, ContainerUuid, DispatchEvent, InstanceType } from '@drover/spec';
import { type MemoryConnection, MemoryQueue, SeededRandom, settle, SimulatedClock } from '@drover/testkit';
import { defaultSchedulerOptions } from '../src/scheduler-options.ts';
import { type Planning, Scheduler } from '../src/scheduler.ts';
import type { ShellOptions } from '../src/shell-options.ts';
import { FakePool } from './fake-pool.ts';
import { simplePlanning } from './simple-planning.ts';

export const spec: ContainerSpec = {
  command: ['true'],
  env: {},
  resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 500, preemptible: false, supervisor: false },
  retry: { attempts: 1, on: [] },
};

const signal = new AbortController().signal;

/** The shell over a queue in memory and a pool that does what the test says. */
export class ShellWorld {
  readonly clock = new SimulatedClock();
  readonly database = new MemoryQueue({ clock: this.clock, random: new SeededRandom(1) });
  readonly pool = new FakePool();
  readonly events: DispatchEvent[] = [];
  connection: MemoryConnection;
  scheduler: Scheduler;

  readonly #planning: Planning;
  readonly #instanceTypes: readonly InstanceType[];

  constructor(
    shell: Partial<ShellOptions> = {},
    planning: Planning = simplePlanning,
    instanceTypes: readonly InstanceType[] = [],
  ) {
    this.#planning = planning;
    this.#instanceTypes = instanceTypes;
    this.connection = this.database.open();
    this.scheduler = this.#newScheduler(shell);
  }

  /** Starts the scheduler and lets everything happen that needs no time. */
  async start(): Promise<void> {
    this.scheduler.start();
    await settle();
  }

  async submit(over: Partial<ContainerSpec> = {}): Promise<ContainerUuid> {
    const [uuid] = await this.connection.store.submit([{ ...spec, ...over }], { signal });
    if (uuid === undefined) throw new Error('nothing was submitted');
    await settle();
    return uuid;
  }

  async setPriority(uuid: ContainerUuid, priority: number): Promise<void> {
    await this.connection.store.setPriority(uuid, priority, 'test', { signal });
    await settle();
  }

  async readLog(uuid: ContainerUuid): Promise<string> {
    const bytes = await this.connection.store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 1e6 }, { signal });
    return Buffer.from(bytes).toString();
  }

  /** `Running/1`: state and generation in the queue. */
  state(uuid: ContainerUuid): string {
    const { state, generation } = this.database.record(uuid);
    return `${state}/${generation}`;
  }

  /** The scheduler dies without a word and a new process takes over, before it is started. */
  restart(shell: Partial<ShellOptions> = {}): void {
    this.scheduler.halt();
    this.connection.close();
    this.connection = this.database.open();
    this.scheduler = this.#newScheduler(shell);
  }

  /** How often the queue refused or failed an operation. */
  errors(operation: string): number {
    return this.events.filter((event) => event.type === 'queue-error' && event.operation === operation).length;
  }

  #newScheduler(shell: Partial<ShellOptions>): Scheduler {
    const options = { ...defaultSchedulerOptions, instanceTypes: this.#instanceTypes };
    const observe = (event: DispatchEvent): void => void this.events.push(event);
    const { clock, pool, connection } = this;
    return new Scheduler({ queue: connection.queue, pool, clock, observe }, options, shell, this.#planning);
  }
}

/** A world with one VM on which one container runs. Resolves with its uuid. */
export async function running(world: ShellWorld): Promise<string> {
  world.pool.addWorker();
  await world.start();
  const uuid = await world.submit();
  world.pool.confirm(uuid);
  await settle();
  if (world.state(uuid) !== 'Running/1') throw new Error(`${uuid} is ${world.state(uuid)}`);
  return uuid;
}
