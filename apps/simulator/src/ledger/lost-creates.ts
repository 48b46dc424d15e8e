import { CapacityError, type CreateRequest, type InstanceSet } from '@drover/spec';
import type { Sabotage } from '../incarnation.ts';
import { withFailedCreates } from './failed-creates.ts';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { arvados, issue } from './sources.ts';
import { withFaults } from './with-faults.ts';

/** VMs that are made twice, too many, or so that nobody knows of them. */
export const lostCreates: readonly PlantedBug[] = [
  {
    id: 'timeout-means-not-created',
    title: 'Takes a create that timed out or failed in passing for one that made nothing.',
    source: issue('skypilot-org/skypilot', 4392),
    failureClass: 'leaked resource',
    expected: [7, 8, 13, ...neverSettles],
    plant: () => ({ cloud: timeoutMeansNotCreated }),
  },
  {
    id: 'retry-without-token',
    title:
      'Repeats a create that failed in passing as a new request, so that the cloud cannot see that it is the same.',
    source: issue('skypilot-org/skypilot', 656),
    failureClass: 'double creation',
    expected: [7, 8],
    where: (drawn) => withFaults(drawn, ['create-answer-lost', 'create-fails']),
    plant: () => ({ cloud: retryWithoutToken }),
  },
  {
    id: 'two-provisioners',
    title: 'Two loops see the same demand and each of them creates for it.',
    source: issue('jenkinsci/ec2-plugin', 1149),
    failureClass: 'double creation',
    expected: [7, 8],
    plant: () => ({ cloud: twoProvisioners }),
  },
  {
    id: 'cap-plus-one',
    title: 'Compares with the maximum in the wrong way and allows one VM more.',
    source: issue('jenkinsci/ec2-plugin', 248),
    failureClass: 'wrong counting',
    expected: [7],
    plant: () => ({ options: (o) => ({ ...o, pool: { ...o.pool, maxInstances: (o.pool.maxInstances ?? 64) + 1 } }) }),
  },
  {
    id: 'cap-not-checked-together',
    title: 'Checks the cap per request without counting what other requests have under way.',
    source: issue('jenkinsci/ec2-plugin', 2030),
    failureClass: 'wrong counting',
    expected: [7],
    plant: () => ({ options: (o) => ({ ...o, pool: { ...o.pool, maxInstances: 3 * (o.pool.maxInstances ?? 64) } }) }),
  },
  {
    id: 'not-counted-until-listed',
    title: 'Hands the request over and forgets it until the VM shows in a listing.',
    source: issue('jenkinsci/google-compute-engine-plugin', 57),
    failureClass: 'wrong counting',
    expected: [7, 8],
    plant: () => ({ cloud: fireAndForget }),
  },
  {
    id: 'intent-not-recorded',
    title:
      'Writes nothing down before it asks for a VM; when it dies in between, its successor does not know that one may come.',
    source: issue('kubernetes-sigs/karpenter', 1448),
    failureClass: 'forgetting at restart',
    expected: [7, 13],
    where: (drawn) => withFaults(drawn, ['dispatcher-crash', 'list-lags', 'vanishing']),
    plant: () => ({ state: (state) => ({ ...state, recordIntent: async () => undefined }) }),
  },
  {
    id: 'intents-forgotten',
    title: 'Starts with an empty memory of the creates that were under way.',
    source: issue('aws/karpenter-provider-aws', 549),
    failureClass: 'forgetting at restart',
    expected: [7, 13],
    where: (drawn) => withFaults(drawn, ['dispatcher-crash', 'list-lags', 'vanishing']),
    plant: () => ({ state: (state) => ({ ...state, intents: async () => [] }) }),
  },
  {
    id: 'tags-afterwards',
    title: 'Creates VMs without tags and puts the tags on afterwards.',
    source: issue('cattle-ops/terraform-aws-gitlab-runner', 450),
    failureClass: 'leaked resource',
    expected: [7, 13, ...neverSettles],
    plant: () => ({ cloud: tagsAfterwards }),
  },
  {
    id: 'tags-replaced',
    title: 'Replaces all tags of a VM where it should have added one.',
    source: arvados('3d662ef38da0395af4e477acd6c3a20de9280084', 14807),
    failureClass: 'leaked resource',
    expected: [7, 13, ...neverSettles],
    plant: () => ({ cloud: tagsReplaced }),
  },
  {
    id: 'one-error-for-ever',
    title: 'After one failed create every later one hangs.',
    source: arvados('9dd4c7e9149ec7c60edbc106dd208599cb2a75d9', 20520),
    failureClass: 'endless wait',
    expected: neverSettles,
    plant: oneErrorForEver,
  },
  {
    id: 'stockout-for-ever',
    title: 'Remembers that an instance type was not to be had, and never asks for it again.',
    source: issue('GoogleCloudPlatform/cluster-toolkit', 4940),
    failureClass: 'endless wait',
    expected: neverSettles,
    plant: stockoutForEver,
  },
];

function timeoutMeansNotCreated(cloud: InstanceSet): InstanceSet {
  return withFailedCreates(cloud, ['CLOUD_TRANSIENT'], async ({ error }) => {
    throw new CapacityError('it timed out', { scope: 'offering', cause: error });
  });
}

function retryWithoutToken(cloud: InstanceSet): InstanceSet {
  return withFailedCreates(cloud, ['CLOUD_TRANSIENT'], ({ create, request }) => create(another(request)));
}

function twoProvisioners(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    create: async (request, options) => {
      const [first] = await Promise.all([
        cloud.create(request, options),
        cloud.create(another(request), options).catch(() => undefined),
      ]);
      return first;
    },
  };
}

function fireAndForget(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    create: async (request, options) => {
      cloud.create(request, options).catch(() => undefined);
      throw new CapacityError('asked for, and that was that', { scope: 'offering' });
    },
  };
}

function tagsAfterwards(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    create: async (request, options) => {
      const results = await cloud.create({ ...request, tags: request.tags.map(() => ({})) }, options);
      for (const [index, result] of results.entries())
        if (result.ok) await cloud.setTags(result.instance, request.tags[index] ?? {}, options);
      return results;
    },
  };
}

function tagsReplaced(cloud: InstanceSet): InstanceSet {
  return {
    ...cloud,
    setTags: (instance, tags, options) => {
      const erased = Object.keys(instance.tags).map((key) => [key, ''] as const);
      return cloud.setTags(instance, { ...Object.fromEntries(erased), ...tags }, options);
    },
  };
}

function oneErrorForEver(): Sabotage {
  let isStuck = false;
  return {
    cloud: (cloud) => ({
      ...cloud,
      create: (request, options) => {
        if (isStuck) return new Promise(() => undefined);
        const answer = cloud.create(request, options);
        answer.catch(() => (isStuck = true));
        return answer;
      },
    }),
  };
}

function stockoutForEver(): Sabotage {
  const down = new Map<string, Error>();
  return {
    cloud: (cloud) => ({
      ...cloud,
      create: async (request, options) => {
        const known = down.get(request.instanceType.name);
        if (known !== undefined) throw known;
        try {
          return await cloud.create(request, options);
        } catch (error) {
          if (error instanceof CapacityError) down.set(request.instanceType.name, error);
          throw error;
        }
      },
    }),
  };
}

function another(request: CreateRequest): CreateRequest {
  return { ...request, createId: `${request.createId}-again` };
}
