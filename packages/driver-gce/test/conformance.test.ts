import type { GceFaults } from '@drover/fake-clouds/gce';
import { noFaults, Refusal } from '@drover/fake-clouds/gce';
import { type DriverFault, type DriverWorld, driverConformance } from '@drover/testkit/conformance';
import { authorizedKey, imageId, instanceType, newWorld } from './gce-world.ts';

/** What the fake can be made to do, by the name that the suite has for it. */
const faults: Readonly<Record<DriverFault, () => Partial<GceFaults>>> = {
  'rate-limit': () => ({ callsPerMinute: 0 }),
  auth: () => ({ intercept: refuse(401, 'authError', 'Invalid Credentials') }),
  outage: () => ({ intercept: refuse(503, 'backendError', 'Backend Error') }),
  quota: () => ({ quota: { metric: 'CPUS', limit: 0, refused: 'by-operation' } }),
  capacity: () => ({ capacity: new Map([['us-central1-a', 0]]) }),
  'partial-batch': () => ({ capacity: new Map([['us-central1-a', 1]]) }),
  'create-answer-lost': () => ({
    intercept: ({ id }) => (id === 'compute.instances.insert' ? 'reset-after' : undefined),
  }),
  'late-launch-failure': () => ({
    operationsHang: true,
    insertFails: () => ({ code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'not enough resources' }),
  }),
  'page-fails': () => ({
    pageItems: 1,
    intercept: ({ id, parameter }) => {
      if (id === 'compute.instances.list' && parameter('pageToken') !== '')
        throw new Refusal(503, 'backendError', 'Backend Error');
      return undefined;
    },
  }),
  hang: () => ({ intercept: () => 'hang' }),
};

function refuse(status: number, reason: string, message: string): GceFaults['intercept'] {
  return () => {
    throw new Refusal(status, reason, message);
  };
}

async function open(): Promise<DriverWorld> {
  const gce = await newWorld();
  const { fake, clock, set } = gce;
  return {
    set,
    instanceType,
    imageId,
    authorizedKey,
    setTags: { set: 'ours' },
    unknownId: 'us-central1-a/drover-0123456789abcdef0123',
    reopen: () => gce.open(),
    openOther: async () => ({ set: await gce.open({ instanceSetId: 'set-b' }), setTags: { set: 'theirs' } }),
    pass: (ms) => {
      // Operations that hang end as soon as somebody waits.
      fake.cloud.faults.operationsHang = false;
      return clock.sleep(ms);
    },
    dispose: () => gce.end(),
    faults: Object.fromEntries(
      Object.entries(faults).map(([name, make]) => [
        name,
        () => {
          Object.assign(fake.cloud.faults, make());
          if (name === 'late-launch-failure') gce.timings.createWaitMs = 30;
        },
      ]),
    ),
    heal: () => {
      fake.cloud.faults = noFaults();
    },
  };
}

driverConformance({
  name: 'driver-gce',
  open,
  faults: [
    'rate-limit',
    'auth',
    'outage',
    'quota',
    'capacity',
    'partial-batch',
    'create-answer-lost',
    'late-launch-failure',
    'page-fails',
    'hang',
  ],
  lookEveryMs: 5,
});
