import type { Instance, InstanceId, InstanceSet } from '@drover/spec';
import type { Sabotage } from '../incarnation.ts';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { withLines } from './runner-line.ts';
import { arvados, issue } from './sources.ts';

const never = new AbortController().signal;

/** VMs destroyed too early, too late, or in another one's place. */
export const earlyDestroys: readonly PlantedBug[] = [
  {
    id: 'idle-when-last-seen',
    title: 'Scales in a VM that was idle when it looked, although it was given work since.',
    source: issue('kubernetes/autoscaler', 3886),
    failureClass: 'premature deletion',
    expected: [11],
    plant: () => destroyOn('start', 3),
  },
  {
    id: 'idle-list-of-the-loop',
    title: 'Decides once per loop who is idle, and spins those down at the end of it.',
    source: issue('clearml/clearml', 1202),
    failureClass: 'premature deletion',
    expected: [11],
    plant: () => destroyOn('start', 7),
  },
  {
    id: 'done-before-collected',
    title: 'Destroys a VM as soon as its work has ended, before anybody has read the result.',
    source: issue('aws/karpenter-provider-aws', 2738),
    failureClass: 'lost result',
    expected: [11],
    plant: () => destroyOn('finished', 2),
  },
  {
    id: 'wrong-victim',
    title: 'Asks for one VM less and lets something else choose which one goes.',
    source: issue('kubernetes/autoscaler', 5465),
    failureClass: 'mistaken identity',
    expected: [11, 10],
    plant: () => ({ cloud: wrongVictim }),
  },
  {
    id: 'restart-kills-the-unknown',
    title: 'After a restart counts VMs that it has not probed yet as idle and shuts them down.',
    source: arvados('b105602902e38f18a48505e2091ffea77b2c7c89', 14325),
    failureClass: 'forgetting at restart',
    expected: [10, 11],
    plant: () => ({ cloud: destroysAllAtFirst() }),
  },
  {
    id: 'busy-but-not-booted',
    title: 'Shuts a VM down because its boot probe fails, although it runs a container.',
    source: arvados('630601173bda46a7c02b5fbf43eaf5422a95b7d7', 14325),
    failureClass: 'premature deletion',
    expected: [11],
    plant: () => destroyOn('started', 5),
  },
  {
    id: 'hold-forgotten',
    title: 'Reads no one’s wish to keep a VM after a restart, and shuts it down.',
    source: issue('aws/karpenter-provider-aws', 4310),
    failureClass: 'forgetting at restart',
    expected: [9, 10],
    plant: () => forgetBehavior('hold'),
  },
  {
    id: 'drain-forgotten',
    title: 'Gives new containers to VMs that are to be drained.',
    source: arvados('e5423707b3e05110b67de9c286b1fcfdcc65113f', 16631),
    failureClass: 'forgetting at restart',
    expected: [9],
    plant: () => forgetBehavior('drain'),
  },
  {
    id: 'impatient-boot',
    title: 'Gives up on VMs before they can have booted, and makes new ones for ever.',
    source: issue('kubernetes-sigs/karpenter', 2920),
    failureClass: 'premature deletion',
    expected: [26, ...neverSettles],
    plant: () => ({ options: (o) => ({ ...o, pool: { ...o.pool, timeoutBootingMs: 500 } }) }),
  },
  {
    id: 'boot-failures-live-on',
    title: 'Never gives up on a VM that does not join.',
    source: issue('aws/karpenter-provider-aws', 1014),
    failureClass: 'leaked resource',
    expected: neverSettles,
    plant: () => ({ options: (o) => ({ ...o, pool: { ...o.pool, timeoutBootingMs: 1e9 } }) }),
  },
  {
    id: 'destroy-once',
    title: 'Asks once for the end of a VM and never looks whether it came.',
    source: issue('kubernetes/autoscaler', 719),
    failureClass: 'leaked resource',
    expected: neverSettles,
    plant: () => ({ options: (o) => ({ ...o, pool: { ...o.pool, timeoutShutdownMs: 1e9 } }) }),
  },
];

/** Destroys a VM at every n-th message of this type to or from its runner. */
function destroyOn(type: string, every: number): Sabotage {
  const seen = new Map<InstanceId, Instance>();
  let cloudOfNow: InstanceSet | undefined;
  let count = 0;
  const look = (id: InstanceId, message: Readonly<Record<string, unknown>>): void => {
    const instance = seen.get(id);
    if (message['type'] !== type || instance === undefined) return;
    count += 1;
    if (count % every === 0) cloudOfNow?.destroy(instance, { signal: never }).catch(() => undefined);
  };
  return {
    cloud: (cloud) => {
      cloudOfNow = cloud;
      return {
        ...cloud,
        list: async (tags, options) => {
          const listing = await cloud.list(tags, options);
          for (const instance of listing.instances) seen.set(instance.id, instance);
          return listing;
        },
      };
    },
    executor: (executor, id) =>
      withLines(executor, () => ({
        toRunner: (message) => {
          look(id, message);
          return [message];
        },
        fromRunner: (message) => {
          look(id, message);
          return [message];
        },
      })),
  };
}

function wrongVictim(cloud: InstanceSet): InstanceSet {
  let running: readonly Instance[] = [];
  return {
    ...cloud,
    list: async (tags, options) => {
      const listing = await cloud.list(tags, options);
      running = listing.instances.filter(({ lifecycle }) => lifecycle === 'running');
      return listing;
    },
    destroy: (instance, options) => {
      const [first] = running.filter(({ id }) => id !== instance.id);
      return cloud.destroy(first ?? instance, options);
    },
  };
}

function destroysAllAtFirst(): (cloud: InstanceSet) => InstanceSet {
  return (cloud) => {
    let isFirst = true;
    return {
      ...cloud,
      list: async (tags, options) => {
        const listing = await cloud.list(tags, options);
        const victims = isFirst ? listing.instances : [];
        isFirst = false;
        for (const instance of victims) cloud.destroy(instance, { signal: never }).catch(() => undefined);
        return listing;
      },
    };
  };
}

/** Neither tags nor the state store say any more that a VM is on hold, or to be drained. */
function forgetBehavior(behavior: 'hold' | 'drain'): Sabotage {
  return {
    cloud: (cloud) => ({
      ...cloud,
      list: async (tags, options) => {
        const listing = await cloud.list(tags, options);
        const instances = listing.instances.map((instance) => {
          const kept = Object.entries(instance.tags).filter(([, value]) => value !== behavior);
          return { ...instance, tags: Object.fromEntries(kept) };
        });
        return { ...listing, instances };
      },
    }),
    state: (state) => ({
      ...state,
      behaviors: async (options) => {
        const all = await state.behaviors(options);
        return new Map([...all].filter(([, decision]) => decision.behavior !== behavior));
      },
    }),
  };
}
