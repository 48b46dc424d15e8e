import { type ErrorCode, type InstanceSet, TransientCloudError } from '@drover/spec';
import type { DispatcherOptions } from '@drover/compose';
import { withFailedCreates } from './failed-creates.ts';
import type { PlantedBug } from './planted-bug.ts';
import { withExecutor } from './runner-line.ts';
import { arvados, issue } from './sources.ts';

/** Too many calls, too many channels, too much on one VM. */
export const retryStorms: readonly PlantedBug[] = [
  {
    id: 'earliest-retry-ignored',
    title: 'Tries again at once although the cloud has said when.',
    source: arvados('de9d45e3a238df8e9f0b2833b86c5e54fec37c7a', 14325),
    failureClass: 'retry storm',
    expected: [8, 26],
    plant: () => ({ cloud: (cloud) => mistakes(cloud, ['CLOUD_RATE_LIMIT']) }),
  },
  {
    id: 'throttle-amplified',
    title: 'Answers one refusal for too many calls with as many calls as there are waiting.',
    source: issue('aws/karpenter-provider-aws', 9175),
    failureClass: 'retry storm',
    expected: [8, 26],
    plant: () => ({ cloud: amplifiesThrottling }),
  },
  {
    id: 'quota-not-recognised',
    title: 'Does not recognise an error as one of quota, and keeps asking.',
    source: arvados('4d80b93ac628a19c1ab590dfc19b7ad58bbce950', 20188),
    failureClass: 'retry storm',
    expected: [8, 26],
    plant: () => ({ cloud: (cloud) => mistakes(cloud, ['CLOUD_QUOTA', 'CLOUD_CAPACITY']) }),
  },
  {
    id: 'removes-in-every-loop',
    title: 'Asks for the same removal in every round of its loop.',
    source: issue('kubernetes/autoscaler', 369),
    failureClass: 'retry storm',
    expected: [26],
    plant: () => ({ options: (options) => withPool(options, { timeoutShutdownMs: 1 }) }),
  },
  {
    id: 'knocks-while-booting',
    title: 'Tries to log in without a pause while a VM boots.',
    source: issue('jenkinsci/ec2-plugin', 2007),
    failureClass: 'retry storm',
    expected: [26],
    plant: () => ({ options: (options) => withPool(options, { bootRetryMs: 1, probeIntervalMs: 1 }) }),
  },
  {
    id: 'sockets-left-open',
    title: 'Opens connections anew and does not close the old ones.',
    source: issue('jenkinsci/ec2-plugin', 635),
    failureClass: 'leaked resource',
    expected: [25],
    plant: () => ({ executor: (executor) => withExecutor(executor, { close: async () => undefined }) }),
  },
  {
    id: 'resources-freed-too-early',
    title: 'Counts what a container uses as free while it is still being ended.',
    source: issue('SlinkyProject/slurm-bridge', 16),
    failureClass: 'wrong counting',
    expected: [15],
    plant: () => ({ options: twiceTheProcessors }),
  },
];

/** Errors of these codes are taken for passing faults. */
function mistakes(cloud: InstanceSet, codes: readonly ErrorCode[]): InstanceSet {
  return withFailedCreates(cloud, codes, async ({ error }) => {
    throw new TransientCloudError('something went wrong', { cause: error });
  });
}

function amplifiesThrottling(cloud: InstanceSet): InstanceSet {
  return withFailedCreates(cloud, ['CLOUD_RATE_LIMIT'], ({ create, request }) =>
    Promise.any(Array.from({ length: 40 }, () => create(request))),
  );
}

function withPool(options: DispatcherOptions, over: Partial<DispatcherOptions['pool']>): DispatcherOptions {
  return { ...options, pool: { ...options.pool, ...over } };
}

function twiceTheProcessors(options: DispatcherOptions): DispatcherOptions {
  const instanceTypes = options.pool.instanceTypes.map((type) => ({ ...type, vcpus: 2 * type.vcpus }));
  return withPool(options, { instanceTypes });
}
