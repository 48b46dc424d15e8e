import { ArmError, overQuota, tooManyRequests } from '@drover/fake-clouds/azure';
import { driverConformance, type DriverFault, type DriverWorld } from '@drover/testkit/conformance';
import { authorizedKey, type AzureWorld, instanceType, newWorld, setTags } from './azure-world.ts';

const createVm = 'PUT microsoft.compute/virtualmachines';
const quota = overQuota('Total Regional Cores', 'centralus', 10, 10, 2);
const soldOut = new ArmError(
  409,
  'AllocationFailed',
  'Allocation failed. We do not have sufficient capacity for the requested VM size.',
);

function faultsOf({ fake, clock }: AzureWorld): Readonly<Record<DriverFault, () => void | Promise<void>>> {
  return {
    'rate-limit': () => fake.inject({ answer: tooManyRequests('2026-01-01T00:01:00Z', 17) }),
    auth: () =>
      fake.inject({
        answer: new ArmError(401, 'ExpiredAuthenticationToken', 'The access token expiry is in the past.'),
      }),
    outage: () => fake.inject({ answer: new ArmError(503, 'ServiceUnavailable', 'The service is unavailable.') }),
    hang: () => fake.inject({ answer: 'hang' }),
    quota: () => fake.inject({ on: createVm, answer: quota }),
    capacity: () => fake.inject({ on: createVm, answer: soldOut }),
    'partial-batch': () => fake.inject({ on: createVm, answer: quota, after: 1 }),
    'create-answer-lost': () => fake.inject({ on: createVm, answer: 'reset', afterEffect: true, times: 1 }),
    'late-launch-failure': () => {
      fake.region.lateFailure = soldOut;
    },
    'page-fails': async () => {
      // The listing shows them by now.
      await clock.advance(10_000);
      fake.inject({
        on: 'GET microsoft.compute/virtualmachines[]',
        answer: new ArmError(500, 'InternalServerError', 'An internal error occurred.'),
        after: 1,
      });
    },
  };
}

async function open(): Promise<DriverWorld> {
  const world = await newWorld({ keep: true });
  const set = await world.open();
  return {
    set,
    instanceType,
    imageId: 'worker',
    authorizedKey,
    setTags,
    unknownId: 'drover-0123456789-0123456789abcdef',
    reopen: () => world.open(),
    openOther: async () => ({
      set: await world.open({ instanceSetId: 'set-b' }),
      setTags: { ArvadosInstanceSetID: 'set-b' },
    }),
    pass: (ms) => world.clock.advance(ms),
    dispose: () => world.dispose(),
    faults: faultsOf(world),
    heal: () => world.fake.heal(),
  };
}

driverConformance({
  name: 'driver-azure',
  open,
  bootWithinMs: 120_000,
  goneWithinMs: 120_000,
  lookEveryMs: 2_000,
  faults: [
    'rate-limit',
    'auth',
    'outage',
    'hang',
    'quota',
    'capacity',
    'partial-batch',
    'create-answer-lost',
    'late-launch-failure',
    'page-fails',
  ],
});
