import type { ContainerSpec, DispatchEvent, InstanceType, StateStore } from '@drover/spec';
import {
  FakeCloud,
  MemoryQueue,
  SeededRandom,
  SimulatedClock,
  SimulatedHosts,
  simulatedRunnerSource,
} from '@drover/testkit';
import { describe, expect, it } from 'vitest';
import { composeDispatcher } from './compose-dispatcher.ts';
import type { Dispatcher } from './dispatcher-types.ts';

const gibibyte = 1024 ** 3;
const small: InstanceType = {
  name: 'small',
  providerType: 'small',
  vcpus: 2,
  ramBytes: 4 * gibibyte,
  scratchBytes: gibibyte,
  includedScratchBytes: gibibyte,
  addedScratchBytes: 0,
  pricePerHour: 0.1,
  preemptible: false,
};
const spec: ContainerSpec = {
  command: ['sleep', '10'],
  env: {},
  resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 500, preemptible: false, supervisor: false },
  retry: { attempts: 1, on: [] },
};
const signal = new AbortController().signal;

class World {
  readonly clock = new SimulatedClock();
  readonly random = new SeededRandom(1);
  readonly hosts = new SimulatedHosts({
    clock: this.clock,
    random: this.random,
    planRun: ({ container }) => ({ runTimeMs: Number(container.command[1]) * 1000, stdout: 'done' }),
  });
  readonly cloud = new FakeCloud({ clock: this.clock, random: this.random, hooks: this.hosts.cloudHooks });
  readonly database = new MemoryQueue({ clock: this.clock, random: this.random });
  readonly events: DispatchEvent[] = [];
  readonly users = this.database.open();

  dispatcher(release?: () => Promise<void>): Dispatcher {
    const { queue, state } = this.database.open();
    const lead: StateStore['lead'] = async (options) => {
      const leadership = await state.lead(options);
      return release === undefined ? leadership : { ...leadership, release };
    };
    const stateStore: StateStore = { ...state, lead };
    const { clock, cloud: instanceSet, hosts } = this;
    return composeDispatcher(
      {
        clock,
        instanceSet,
        queue,
        stateStore,
        random: this.random.fork('dispatcher'),
        observe: (event) => this.events.push(event),
        executorFactory: hosts.executorFactory,
        runner: simulatedRunnerSource,
      },
      { pool: { instanceSetId: 'test', instanceTypes: [small] } },
    );
  }

  async submit(seconds: number): Promise<string> {
    const [uuid] = await this.users.store.submit([{ ...spec, command: ['sleep', String(seconds)] }], { signal });
    return uuid ?? '';
  }

  state(uuid: string): string {
    const { state, generation } = this.database.record(uuid);
    return `${state}/${generation}`;
  }

  get aliveVms(): number {
    return this.cloud.vms.filter((vm) => vm.lifecycle !== 'terminated').length;
  }

  has(type: DispatchEvent['type']): boolean {
    return this.events.some((event) => event.type === type);
  }
}

describe('composeDispatcher', () => {
  it('runs a container from submission to its result, and lets the VM go afterwards', async () => {
    const world = new World();
    const dispatcher = world.dispatcher();
    await dispatcher.start();
    const uuid = await world.submit(10);
    await world.clock.advance(60_000);
    expect(world.state(uuid)).toBe('Complete/1');
    const log = await world.users.store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 100 }, { signal });
    expect(Buffer.from(log).toString()).toBe('done');
    expect(dispatcher.status()).toMatchObject({ phase: 'ready', epoch: 1, health: { ok: true } });
    await world.clock.advance(600_000);
    expect(world.aliveVms).toBe(0);
  });

  it('leaves runs alone when stopped, and the next one takes them over', async () => {
    const world = new World();
    const first = world.dispatcher();
    await first.start();
    const uuid = await world.submit(300);
    await world.clock.advance(60_000);
    expect(world.state(uuid)).toBe('Running/1');
    const stopping = first.stop();
    await world.clock.advance(1000);
    await stopping;
    expect(await first.ended).toBeUndefined();
    const second = world.dispatcher();
    await second.start();
    await world.clock.advance(400_000);
    expect(world.state(uuid)).toBe('Complete/1');
    expect(second.status().epoch).toBe(2);
  });

  it('drained, lets what runs end, starts nothing more, and sees every VM gone', async () => {
    const world = new World();
    const dispatcher = world.dispatcher();
    await dispatcher.start();
    const uuid = await world.submit(300);
    await world.clock.advance(60_000);
    const stopping = dispatcher.stop({ drain: true });
    const late = await world.submit(1);
    await world.clock.advance(1_200_000);
    await stopping;
    expect(world.state(uuid)).toBe('Complete/1');
    expect(world.state(late)).toBe('Queued/0');
    expect(world.aliveVms).toBe(0);
    expect(dispatcher.status().phase).toBe('stopped');
  });

  it('stops acting at once when it loses the lead', async () => {
    const world = new World();
    const dispatcher = world.dispatcher();
    await dispatcher.start();
    await world.clock.advance(1000);
    world.database.loseLeadership();
    const uuid = await world.submit(1);
    await world.clock.advance(600_000);
    expect(world.state(uuid)).toBe('Queued/0');
    expect((await dispatcher.ended)?.message).toContain('leadership');
    expect(world.has('leadership-lost')).toBe(true);
    expect(dispatcher.status().phase).toBe('lost');
  });

  it('ends a drain when it loses the lead', async () => {
    const world = new World();
    const dispatcher = world.dispatcher();
    await dispatcher.start();
    await world.submit(3000);
    await world.clock.advance(60_000);
    let stopped = false;
    const stopping = dispatcher.stop({ drain: true }).then(() => (stopped = true));
    await world.clock.advance(1000);
    expect(stopped).toBe(false);
    world.database.loseLeadership();
    await world.clock.advance(1000);
    expect(stopped).toBe(true);
    await stopping;
    expect(dispatcher.status().phase).toBe('lost');
    expect((await dispatcher.ended)?.message).toContain('leadership');
  });

  it('does not wait for changes under way when it loses the lead while it stops', async () => {
    const world = new World();
    const dispatcher = world.dispatcher();
    await dispatcher.start();
    world.database.faults.plan('no-answer', { operation: 'lock' });
    await world.submit(3000);
    await world.clock.advance(20_000);
    let stopped = false;
    const stopping = dispatcher.stop().then(() => (stopped = true));
    await world.clock.advance(100);
    expect(stopped, 'a change is under way').toBe(false);
    world.database.loseLeadership();
    await world.clock.advance(100);
    expect(stopped).toBe(true);
    await stopping;
  });

  it.each([
    ['refuses', () => Promise.reject(new Error('the database is gone'))],
    ['does not answer', () => new Promise<void>(() => undefined)],
  ])('ends although the queue %s to take the lead back', async (_, release) => {
    const world = new World();
    const dispatcher = world.dispatcher(release);
    await dispatcher.start();
    await world.clock.advance(1000);
    let ended = false;
    const stopping = dispatcher.stop().then(() => (ended = true));
    await world.clock.advance(60_000);
    expect(ended).toBe(true);
    await stopping;
    expect(await dispatcher.ended).toBeUndefined();
  });

  it('cannot lead while another one does', async () => {
    const world = new World();
    await world.dispatcher().start();
    await expect(world.dispatcher().start()).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  });

  it('has no parts before it leads, and starts once', async () => {
    const world = new World();
    const dispatcher = world.dispatcher();
    expect(() => dispatcher.pool).toThrow('has not been started');
    expect(dispatcher.status()).toMatchObject({ phase: 'new', epoch: 0 });
    await dispatcher.stop();
    await dispatcher.start();
    await expect(dispatcher.start()).rejects.toThrow('once only');
    await expect(Promise.all([dispatcher.whenReady(), world.clock.advance(10)])).resolves.toBeDefined();
  });
});
