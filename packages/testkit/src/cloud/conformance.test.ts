import { driverConformance } from '../conformance/driver.ts';
import type { DriverFault, DriverWorld } from '../conformance/driver-harness.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import { type CloudFaults, healCloud } from './cloud-faults.ts';
import { FakeCloud } from './fake-cloud.ts';
import { small } from '../../test/fake-cloud-fixture.ts';

/** A fault of every call. */
const calls = (fault: {
  readonly throttleRate?: 1;
  readonly failRate?: 1;
  readonly hangRate?: 1;
}): Partial<CloudFaults> => ({
  calls: { create: fault, list: fault, describe: fault, destroy: fault, setTags: fault },
});

const faults: Record<DriverFault, Partial<CloudFaults>> = {
  'rate-limit': calls({ throttleRate: 1 }),
  auth: { authBroken: true },
  outage: calls({ failRate: 1 }),
  quota: { quota: 0 },
  capacity: { outOfCapacity: { all: true } },
  'partial-batch': { quota: 2 },
  'create-answer-lost': { calls: { create: { answerLostRate: 1 } } },
  'late-launch-failure': { launchFailureRate: 1 },
  'page-fails': { calls: { list: { failRate: 1 } } },
  hang: calls({ hangRate: 1 }),
};

async function open(): Promise<DriverWorld> {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud({ clock, random: new SeededRandom(1) });
  const begin = (fault: Partial<CloudFaults>) => (): void => {
    Object.assign(cloud.faults, fault);
  };
  return {
    set: cloud,
    instanceType: small,
    imageId: 'image',
    authorizedKey: 'ssh-ed25519 AAAA',
    setTags: { set: 'ours' },
    unknownId: 'i-ffffffff',
    reopen: async () => cloud,
    openOther: async () => ({ set: cloud, setTags: { set: 'theirs' } }),
    pass: (ms) => clock.advance(ms),
    dispose: async () => undefined,
    faults: {
      'rate-limit': begin(faults['rate-limit']),
      auth: begin(faults.auth),
      outage: begin(faults.outage),
      quota: begin(faults.quota),
      capacity: begin(faults.capacity),
      'partial-batch': begin(faults['partial-batch']),
      'create-answer-lost': begin(faults['create-answer-lost']),
      'late-launch-failure': begin(faults['late-launch-failure']),
      'page-fails': begin(faults['page-fails']),
      hang: begin(faults.hang),
    },
    heal: () => healCloud(cloud.faults),
  };
}

driverConformance({
  name: 'the simulated cloud',
  open,
  bootWithinMs: 60_000,
  goneWithinMs: 60_000,
  lookEveryMs: 1000,
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
});
