import type { ContainerSpec, DispatchEvent, InstanceType } from '@drover/spec';
import {
  FakeCloud,
  MemoryQueue,
  SeededRandom,
  SimulatedClock,
  SimulatedHosts,
  simulatedRunnerSource,
} from '@drover/testkit';
import { expect, test } from 'vitest';
import { composeDispatcher } from './compose-dispatcher.ts';

const gibibyte = 1024 ** 3;
const noticeMs = 120_000;
const signal = new AbortController().signal;

function typeOf(name: string, pricePerHour: number, preemptible: boolean): InstanceType {
  const scratch = { scratchBytes: gibibyte, includedScratchBytes: gibibyte, addedScratchBytes: 0 };
  return { name, providerType: 'small', vcpus: 2, ramBytes: 4 * gibibyte, ...scratch, pricePerHour, preemptible };
}

/** An hour of work, which may be tried once; a VM of its own. */
const spec: ContainerSpec = {
  command: ['work'],
  env: {},
  resources: { vcpus: 2, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
  scheduling: { priority: 500, preemptible: 'prefer', supervisor: false },
  retry: { attempts: 1, on: [] },
};

/** A whole dispatcher over a simulated cloud with spot VMs, in which one container runs that is bought like this. */
async function world(preemptible: ContainerSpec['scheduling']['preemptible']) {
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const starts: { readonly id: string; readonly atMs: number }[] = [];
  const hosts = new SimulatedHosts({
    clock,
    random,
    planRun: () => ({ runTimeMs: 3_600_000 }),
    hooks: { onRunStarted: (id) => void starts.push({ id, atMs: clock.monotonicMs() }) },
  });
  const cloud = new FakeCloud({ clock, random, hooks: hosts.cloudHooks });
  const database = new MemoryQueue({ clock, random });
  const { queue, state } = database.open();
  const events: DispatchEvent[] = [];
  const dispatcher = composeDispatcher(
    {
      clock,
      queue,
      instanceSet: cloud,
      stateStore: state,
      random: random.fork('dispatcher'),
      observe: (event) => events.push(event),
      executorFactory: hosts.executorFactory,
      runner: simulatedRunnerSource,
    },
    {
      pool: { instanceSetId: 'test', instanceTypes: [typeOf('spot', 0.03, true), typeOf('plain', 0.1, false)] },
    },
  );
  await dispatcher.start();
  const scheduling = { ...spec.scheduling, preemptible };
  const [uuid = ''] = await database.open().store.submit([{ ...spec, scheduling }], { signal });
  await clock.advance(60_000);
  const last = () => starts.at(-1)?.id ?? '';
  return {
    clock,
    cloud,
    starts,
    last,
    record: () => database.record(uuid),
    typeOfLast: () => dispatcher.pool.instances().find(({ instanceId }) => instanceId === last())?.instanceType,
    preempted: () => events.filter(({ type }) => type === 'instance-preempted').length,
    /** The VM of the run gets notice, and the container runs elsewhere some time after it is gone. */
    interrupt: async () => {
      const id = last();
      cloud.kill(id, { noticeMs });
      await clock.advance(1_000);
      const view = dispatcher.pool.instances().find(({ instanceId }) => instanceId === id);
      await clock.advance(noticeMs + 300_000);
      return view;
    },
  };
}

test('a spot VM that gets notice drains at once, and its container runs elsewhere without losing its only attempt', async () => {
  const { interrupt, record, last, preempted, typeOfLast, clock } = await world('prefer');
  expect(typeOfLast()).toBe('spot');
  const first = last();
  const view = await interrupt();
  expect(view?.idleBehavior).toBe('drain');
  expect(preempted()).toBe(1);
  expect(last()).not.toBe(first);
  expect(record()).toMatchObject({ state: 'Running', generation: 2 });
  await clock.advance(3_600_000);
  expect(record()).toMatchObject({ state: 'Complete', result: { exitCode: 0 } });
});

test('after three interruptions a container that allows it runs on demand, and ends there', async () => {
  const { interrupt, typeOfLast, record, clock, starts } = await world('prefer');
  const types: (string | undefined)[] = [];
  for (let times = 0; times < 3; times += 1) {
    types.push(typeOfLast());
    await interrupt();
  }
  expect([...types, typeOfLast()]).toEqual(['spot', 'spot', 'spot', 'plain']);
  await clock.advance(3_600_000);
  expect(record()).toMatchObject({ state: 'Complete', generation: 4 });
  expect(starts).toHaveLength(4);
});

test('one that wants spot only stays there, however often it is interrupted', async () => {
  const { interrupt, typeOfLast, record } = await world(true);
  for (let times = 0; times < 4; times += 1) await interrupt();
  expect(typeOfLast()).toBe('spot');
  expect(record()).toMatchObject({ state: 'Running', generation: 5 });
});
