import { driverConformance, type DriverWorld } from '@drover/testkit/conformance';
import { call, createVm, dispatcherKey, endWorld, newWorld } from './loopback-world.ts';
import { instanceType, setTags } from './surroundings.ts';

// One VM of the batch of three fits when three of the four places are taken.
const filled = { quota: 4, 'partial-batch': 3 } as const;

async function open(): Promise<DriverWorld> {
  const world = newWorld({ keepFolder: true });
  const set = await world.open();
  const fillers = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await createVm(set, `filler-${n}`, { tags: [{ set: 'fillers' }] });
  };
  return {
    set,
    instanceType,
    imageId: '',
    authorizedKey: dispatcherKey.public,
    setTags,
    unknownId: 'vm-0123456789ab',
    reopen: () => world.open(),
    openOther: async () => ({ set: await world.open({ instanceSetId: 'set-b' }), setTags: { set: 'theirs' } }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    dispose: () => endWorld(world, ['set-a', 'set-b']),
    faults: { quota: () => fillers(filled.quota), 'partial-batch': () => fillers(filled['partial-batch']) },
    heal: async () => {
      for (const vm of (await set.list({ set: 'fillers' }, call())).instances) await set.destroy(vm, call());
    },
  };
}

driverConformance({ name: 'driver-loopback', open, faults: ['quota', 'partial-batch'] });
