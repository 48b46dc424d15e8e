import type { ContainerQueue, InstanceId, InstanceSet } from '@drover/spec';
import { expect, it } from 'vitest';
import { numbersBroken, type Planted } from '../test/planted.ts';
import { findPlantedBug } from './ledger/registry.ts';
import type { Scenario } from './scenario.ts';

/** A mistake of the ledger in a world that shows what it does to this invariant. */
function fromLedger(id: string, breaks: number, over: Partial<Scenario>): Planted {
  const bug = findPlantedBug(id);
  if (bug === undefined) throw new Error(`the ledger has no ${id}`);
  return { name: `does as ${id} in the ledger`, breaks, over, plant: () => bug.plant() };
}

/** Takes for its own only what a call has answered with. */
function listsOnlyAnswers(cloud: InstanceSet): InstanceSet {
  const answered = new Set<InstanceId>();
  return {
    ...cloud,
    create: async (request, options) => {
      const results = await cloud.create(request, options);
      for (const result of results) if (result.ok) answered.add(result.instance.id);
      return results;
    },
    list: async (tags, options) => {
      const listing = await cloud.list(tags, options);
      return { ...listing, instances: listing.instances.filter(({ id }) => answered.has(id)) };
    },
  };
}

/** Hears of every change but that a container is wanted no more. */
function hearsOfNoCancel(queue: ContainerQueue): ContainerQueue {
  return {
    ...queue,
    poll: async (since, options) => {
      const update = await queue.poll(since, options);
      return { ...update, entries: update.entries.map((e) => ({ ...e, priority: Math.max(1, e.priority) })) };
    },
  };
}

/** Never sees the last of the first containers. */
function overlooksOne(): (queue: ContainerQueue) => ContainerQueue {
  let overlooked: string | undefined;
  return (queue) => ({
    ...queue,
    poll: async (since, options) => {
      const update = await queue.poll(since, options);
      overlooked ??= update.entries.at(-1)?.uuid;
      return { ...update, entries: update.entries.filter(({ uuid }) => uuid !== overlooked) };
    },
  });
}

const operators: Partial<Scenario> = {
  faults: ['dispatcher-restart', 'operator'],
  faultIntensity: 3,
  containers: 40,
  submitOverMs: 1_200_000,
};
const quick: Partial<Scenario> = {
  faults: [],
  containers: 4,
  submitOverMs: 0,
  runMs: [1000, 2000],
  healAtMs: 1_200_000,
  // Before VMs that nobody needs end themselves.
  convergeWithinMs: 600_000,
};

const bugs: readonly Planted[] = [
  fromLedger('completion-twice', 5, { faults: [], runMs: [1000, 60_000] }),
  fromLedger('cap-plus-one', 7, { faults: [], containers: 40, maxInstances: 2 }),
  fromLedger('drain-forgotten', 9, operators),
  fromLedger('hold-forgotten', 10, operators),
  fromLedger('known-vms-forgotten', 17, {
    faults: ['key-changed', 'dispatcher-restart'],
    faultIntensity: 3,
    containers: 40,
    publishesHostKeys: false,
    submitOverMs: 1_200_000,
  }),
  {
    name: 'takes for its own only VMs that a create has answered with',
    breaks: 13,
    over: { ...quick, faults: ['create-answer-lost'], faultIntensity: 3, maxInstances: 12, healAtMs: 7_200_000 },
    plant: () => ({ cloud: listsOnlyAnswers }),
  },
  {
    name: 'believes that it has destroyed a VM, and has not',
    breaks: 14,
    over: { ...quick, maxInstances: 12 },
    plant: () => ({ cloud: (cloud) => ({ ...cloud, destroy: async () => undefined }) }),
  },
  {
    name: 'does not hear that a container is wanted no more',
    breaks: 23,
    over: { faults: ['priority-zero'], faultIntensity: 3, submitOverMs: 0, runMs: [3_600_000, 3_600_000] },
    plant: () => ({ queue: hearsOfNoCancel }),
  },
  {
    name: 'overlooks a container',
    breaks: 28,
    over: quick,
    plant: () => ({ queue: overlooksOne() }),
  },
];

it.each(bugs)('a dispatcher that $name is found by invariant $breaks', { timeout: 60_000 }, async (bug) => {
  expect(await numbersBroken(bug)).toContain(bug.breaks);
});
