import type { Instance, InstanceSet, Listing } from '@drover/spec';
import type { Sabotage } from '../incarnation.ts';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { issue } from './sources.ts';

/** Acting on what was true a while ago. */
export const staleViews: readonly PlantedBug[] = [
  {
    id: 'stale-listing',
    title: 'Answers every question about VMs from a copy of the list that is six listings old.',
    source: issue('instaclustr/cassandra-operator', 404),
    failureClass: 'stale read',
    expected: [1, 7, 9, 13, ...neverSettles],
    plant: () => ({ cloud: (cloud) => oldListings(cloud, 6) }),
  },
  {
    id: 'absent-is-gone',
    title: 'Takes a VM that the latest list does not show for gone, without asking for it by id.',
    source: issue('skypilot-org/skypilot', 4431),
    failureClass: 'stale read',
    expected: [1, 3, 7, 11, 13],
    plant: () => ({ cloud: absentIsGone }),
  },
  {
    id: 'stopping-is-gone',
    title: 'Takes a VM that is being stopped for gone, while its processes still run.',
    source: issue('skypilot-org/skypilot', 4443),
    failureClass: 'stale read',
    expected: [1, 3, 7],
    plant: () => ({ cloud: stoppingIsGone }),
  },
  {
    id: 'destroy-presumed',
    title: 'Strikes a VM off its list as soon as the cloud has accepted its termination.',
    source: issue('skypilot-org/skypilot', 509),
    failureClass: 'leaked resource',
    expected: [1, 3, 7, 13, ...neverSettles],
    plant: destroyPresumed,
  },
  {
    id: 'first-page-only',
    title: 'Reads the first page of the list of VMs and takes it for all of them, also when asked for one by id.',
    source: issue('LeanerCloud/AutoSpotting', 98),
    failureClass: 'stale read',
    expected: [1, 3, 7, 13, 27, ...neverSettles],
    plant: () => ({ cloud: firstPageOnly }),
  },
  {
    id: 'dead-still-listed',
    title: 'Believes a cached list that still shows VMs as running long after they died.',
    source: issue('hashicorp/nomad-autoscaler', 511),
    failureClass: 'stale read',
    expected: [7, 13, ...neverSettles],
    plant: () => ({ cloud: undead }),
  },
];

function oldListings(cloud: InstanceSet, age: number): InstanceSet {
  const past: Listing[] = [];
  const old = (): Listing | undefined => past[Math.max(0, past.length - 1 - age)];
  return {
    ...cloud,
    list: async (tags, options) => {
      past.push(await cloud.list(tags, options));
      return old() ?? { instances: [], launchFailures: [] };
    },
    describe: async (id) => old()?.instances.find((instance) => instance.id === id) ?? 'gone',
  };
}

function absentIsGone(cloud: InstanceSet): InstanceSet {
  let latest: readonly Instance[] = [];
  return {
    ...cloud,
    list: async (tags, options) => {
      const listing = await cloud.list(tags, options);
      latest = listing.instances;
      return listing;
    },
    describe: async (id) => latest.find((instance) => instance.id === id) ?? 'gone',
  };
}

function stoppingIsGone(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    list: async (tags, options) => {
      const listing = await cloud.list(tags, options);
      return { ...listing, instances: listing.instances.map(deadIfStopping) };
    },
    describe: async (id, options) => {
      const instance = await cloud.describe(id, options);
      return instance === 'gone' ? 'gone' : deadIfStopping(instance);
    },
  };
}

function deadIfStopping(instance: Instance): Instance {
  return instance.lifecycle === 'stopping' ? { ...instance, lifecycle: 'terminated' } : instance;
}

function destroyPresumed(): Sabotage {
  const destroyed = new Set<string>();
  return {
    cloud: (cloud) => ({
      ...cloud,
      list: async (tags, options) => {
        const listing = await cloud.list(tags, options);
        return { ...listing, instances: listing.instances.filter(({ id }) => !destroyed.has(id)) };
      },
      describe: async (id, options) => (destroyed.has(id) ? 'gone' : cloud.describe(id, options)),
      destroy: async (instance, options) => {
        await cloud.destroy(instance, options);
        destroyed.add(instance.id);
      },
    }),
  };
}

function firstPageOnly(cloud: InstanceSet): InstanceSet {
  const page = 2;
  let listed: readonly Instance[] = [];
  return {
    ...cloud,
    list: async (tags, options) => {
      const listing = await cloud.list(tags, options);
      listed = listing.instances.slice(0, page);
      return { ...listing, instances: listed };
    },
    describe: async (id) => listed.find((instance) => instance.id === id) ?? 'gone',
  };
}

function undead(cloud: InstanceSet): InstanceSet {
  const seen = new Map<string, Instance>();
  return {
    ...cloud,
    list: async (tags, options) => {
      const { instances, launchFailures } = await cloud.list(tags, options);
      for (const instance of instances) if (instance.lifecycle === 'running') seen.set(instance.id, instance);
      const others = instances.filter(({ id }) => !seen.has(id));
      return { instances: [...others, ...seen.values()], launchFailures };
    },
    describe: async (id, options) => seen.get(id) ?? cloud.describe(id, options),
  };
}
