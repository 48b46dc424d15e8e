import type { Executor, InstanceSet, LineChannel } from '@drover/spec';
import { expect, it } from 'vitest';
import { numbersBroken, type Planted } from '../test/planted.ts';
import type { Scenario } from './scenario.ts';

function boundCloud(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    offerings: (type) => cloud.offerings(type),
    create: (request, options) => cloud.create(request, options),
    list: (tags, options) => cloud.list(tags, options),
    describe: (id, options) => cloud.describe(id, options),
    destroy: (instance, options) => cloud.destroy(instance, options),
  };
}

/** Shows the VMs of others as the set's own. */
function takesAll(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    list: async (tags, options) => {
      const { instances, launchFailures } = await cloud.list({}, options);
      return { instances: instances.map((vm) => ({ ...vm, tags: { ...vm.tags, ...tags } })), launchFailures };
    },
  };
}

/** Follows each start with a kill of what was started before. */
function killsTheLast(executor: Executor): Executor {
  let last: { readonly uuid: unknown; readonly generation: unknown } | undefined;
  const wrap = (channel: LineChannel): LineChannel => ({
    ...bound(channel),
    send: (line) => {
      const request: Readonly<Record<string, unknown>> = JSON.parse(line);
      if (request['type'] === 'start') {
        if (last !== undefined) channel.send(JSON.stringify({ type: 'kill', id: 1e9, ...last }));
        last = { uuid: request['uuid'], generation: request['generation'] };
      }
      return channel.send(line);
    },
  });
  return { ...boundExecutor(executor), open: async (target, options) => wrap(await executor.open(target, options)) };
}

function bound(channel: LineChannel): LineChannel {
  return {
    send: (line) => channel.send(line),
    onLine: (listener) => channel.onLine(listener),
    onDrain: (listener) => channel.onDrain(listener),
    onClose: (listener) => channel.onClose(listener),
    close: () => channel.close(),
  };
}

function boundExecutor(executor: Executor): Executor {
  return {
    setTarget: (target) => executor.setTarget(target),
    connect: (options) => executor.connect(options),
    trust: (key) => executor.trust(key),
    run: (command, options) => executor.run(command, options),
    open: (target, options) => executor.open(target, options),
    close: () => executor.close(),
  };
}

const steady: Partial<Scenario> = { faults: [], submitOverMs: 0, bootMs: [1000, 5000] };

const bugs: readonly Planted[] = [
  {
    name: 'forgets at once that there is no quota and no room',
    breaks: 8,
    over: { faults: ['quota', 'capacity'], submitOverMs: 0, containers: 30, runMs: [200_000, 600_000] },
    plant: () => ({
      options: (o) => ({ ...o, pool: { ...o.pool, throttle: { quotaRetryMs: 1, capacityRetryMs: 1 } } }),
    }),
  },
  { name: 'takes the VMs of others for its own', breaks: 12, over: steady, plant: () => ({ cloud: takesAll }) },
  {
    name: 'believes that VMs have twice as many cpus as they have',
    breaks: 15,
    over: { ...steady, containers: 40, maxContainersPerInstance: 0, runMs: [200_000, 300_000] },
    plant: () => ({
      options: (o) => ({
        ...o,
        pool: { ...o.pool, instanceTypes: o.pool.instanceTypes.map((type) => ({ ...type, vcpus: type.vcpus * 2 })) },
      }),
    }),
  },
  {
    name: 'sends input to a host that has proven nothing',
    breaks: 16,
    over: { ...steady, publishesHostKeys: false },
    plant: () => ({
      executor: (executor) => ({
        ...boundExecutor(executor),
        run: (command, options) =>
          executor.run(command.allowUnverified === true ? { ...command, stdin: 'a secret' } : command, options),
      }),
    }),
  },
  {
    name: 'does not listen when it is told that another one leads',
    breaks: 18,
    over: { faults: ['split-brain'], submitOverMs: 600_000, containers: 30 },
    plant: () => ({
      state: (state) => ({
        ...state,
        lead: async (options) => ({ ...(await state.lead(options)), onLost: () => () => undefined }),
      }),
    }),
  },
  {
    name: 'believes that it gave its locks back, and did not',
    breaks: 19,
    over: { faults: ['quota', 'capacity'], submitOverMs: 0, containers: 30 },
    plant: () => ({
      queue: (queue) => ({
        ...queue,
        unlock: async (uuid, _generation, _reason, options) => {
          const { entry } = await queue.fetch(uuid, options);
          return { ...entry, state: 'Queued' };
        },
      }),
    }),
  },
  {
    name: 'kills what it started before',
    breaks: 22,
    over: { ...steady, containers: 30, runMs: [60_000, 300_000] },
    plant: () => ({ executor: killsTheLast }),
  },
  {
    name: 'sees every priority upside down',
    breaks: 24,
    over: { ...steady, containers: 40, maxInstances: 1, maxContainersPerInstance: 1, runMs: [200_000, 300_000] },
    plant: () => ({
      queue: (queue) => ({
        ...queue,
        poll: async (since, options) => {
          const update = await queue.poll(since, options);
          return { ...update, entries: update.entries.map((e) => ({ ...e, priority: 1001 - e.priority })) };
        },
      }),
    }),
  },
  {
    name: 'never closes a connection',
    breaks: 25,
    over: steady,
    plant: () => ({ executor: (executor) => ({ ...boundExecutor(executor), close: async () => undefined }) }),
  },
  {
    name: 'waits a hundredth of the time that it should',
    breaks: 26,
    over: { faults: ['list-fails', 'never-boots'], submitOverMs: 0 },
    plant: () => ({
      clock: (clock) => ({
        wallMs: () => clock.wallMs(),
        monotonicMs: () => clock.monotonicMs(),
        timer: (delayMs, callback) => clock.timer(delayMs / 100, callback),
        sleep: (ms, options) => clock.sleep(ms / 100, options),
      }),
    }),
  },
  {
    name: 'keeps what operators decide in its head alone',
    breaks: 27,
    over: { faults: ['operator'], submitOverMs: 600_000, containers: 20, runMs: [600_000, 1_200_000] },
    plant: () => ({
      state: (state) => ({ ...state, setBehavior: async () => undefined }),
      cloud: (cloud) => ({ ...boundCloud(cloud), setTags: async () => undefined }),
    }),
  },
];

it.each(bugs)('a dispatcher that $name is found by invariant $breaks', { timeout: 60_000 }, async (bug) => {
  expect(await numbersBroken(bug)).toContain(bug.breaks);
});
