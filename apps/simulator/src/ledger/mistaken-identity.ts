import type { HostKeys, InstanceId, InstanceSet } from '@drover/spec';
import type { Sabotage } from '../incarnation.ts';
import type { PlantedBug } from './planted-bug.ts';
import { withExecutor } from './runner-line.ts';
import { issue } from './sources.ts';
import { withFaults } from './with-faults.ts';

/** VMs taken for others. */
export const mistakenIdentity: readonly PlantedBug[] = [
  {
    id: 'any-key-will-do',
    title: 'Does not check host keys, so that whoever has the address is the VM.',
    source: issue('StanfordBioinformatics/loom', 195),
    failureClass: 'mistaken identity',
    expected: [9, 16, 17],
    where: (drawn) => withFaults(drawn, ['address-reuse', 'vm-lost', 'list-lags']),
    plant: trustsAnyKey,
  },
  {
    id: 'others-vms-too',
    title: 'Selects among all VMs of the account, not only its own.',
    source: issue('hashicorp/nomad-autoscaler', 477),
    failureClass: 'mistaken identity',
    expected: [12],
    plant: () => ({ cloud: listsEverything }),
  },
  {
    id: 'known-vms-forgotten',
    title: 'Starts with an empty memory of its VMs; what the first list does not show does not exist.',
    source: issue('skypilot-org/skypilot', 1496),
    failureClass: 'forgetting at restart',
    expected: [1, 3, 7, 13, 17],
    plant: () => ({ state: (state) => ({ ...state, pins: async () => new Map<InstanceId, HostKeys>() }) }),
  },
];

/** The cloud vouches for whatever key the host presented. */
function trustsAnyKey(): Sabotage {
  const presented = new Map<InstanceId, string>();
  return {
    cloud: (cloud) => ({
      ...cloud,
      hostKeys: async (id) => {
        const key = presented.get(id);
        return key === undefined ? [] : [key];
      },
    }),
    executor: (executor, id) =>
      withExecutor(executor, {
        setTarget: (target) => executor.setTarget({ ...target, pinnedKeys: [] }),
        connect: async (options) => {
          const key = await executor.connect(options);
          presented.set(id, key);
          return key;
        },
      }),
  };
}

function listsEverything(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    list: async (tags, options) => {
      const listing = await cloud.list({}, options);
      return {
        ...listing,
        instances: listing.instances.map((instance) => ({ ...instance, tags: { ...instance.tags, ...tags } })),
      };
    },
  };
}
