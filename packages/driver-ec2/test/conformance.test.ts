import { Ec2Fault, unauthorized } from '@drover/fake-clouds/ec2';
import { driverConformance, type DriverFault, type DriverWorld } from '@drover/testkit/conformance';
import { authorizedKey, imageId, instanceType, newWorld, setTags, subnets } from './ec2-world.ts';

async function open(): Promise<DriverWorld> {
  const world = await newWorld({ delays: { bootMs: 200, shutdownMs: 300, listedAfterMs: 60 } });
  const { fake, clock } = world;
  const { account, faults } = fake;
  const inject: Record<DriverFault, () => void> = {
    'rate-limit': () => faults.add({ reply: new Ec2Fault('RequestLimitExceeded', 'Request limit exceeded.', 503) }),
    auth: () => faults.add({ reply: unauthorized('everything') }),
    outage: () => faults.add({ reply: new Ec2Fault('InternalError', 'An internal error has occurred', 500) }),
    hang: () => faults.add({ reply: 'hang' }),
    quota: () =>
      faults.add({
        action: 'RunInstances',
        reply: new Ec2Fault('InstanceLimitExceeded', 'Your quota allows for 0 more running instance(s).'),
      }),
    capacity: () => void account.capacity.set(`${instanceType.providerType}/${subnets.a}`, 0),
    'partial-batch': () => void account.capacity.set(`${instanceType.providerType}/${subnets.a}`, 2),
    'create-answer-lost': () => faults.add({ action: 'RunInstances', reply: 'done-then-reset' }),
    'late-launch-failure': () => {
      const code = 'Server.InsufficientInstanceCapacity';
      account.launchesFail = { code, message: 'There is no Spot capacity available that matches your request.' };
    },
    'page-fails': () =>
      faults.add({
        action: 'DescribeInstances',
        reply: new Ec2Fault('Unavailable', 'The service is unavailable. Please try again shortly.', 503),
      }),
  };
  return {
    set: await world.open(),
    instanceType,
    imageId,
    authorizedKey,
    setTags,
    unknownId: 'i-0fedcba9876543210',
    reopen: () => world.open(),
    openOther: async () => ({
      set: await world.open({ instanceSetId: 'set-b' }),
      setTags: { ArvadosInstanceSetID: 'set-b' },
    }),
    pass: (ms) => clock.advance(ms),
    dispose: () => world.end(),
    faults: inject,
    heal: () => {
      faults.heal();
      account.capacity.clear();
      account.launchesFail = undefined;
    },
  };
}

driverConformance({
  name: 'driver-ec2',
  open,
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
