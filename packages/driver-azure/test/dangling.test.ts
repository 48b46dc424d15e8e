import { ArmError, type FakeDangling } from '@drover/fake-clouds/azure';
import { expect, test } from 'vitest';
import { namesOf, vmName } from '../src/names.ts';
import { type AzureWorld, call, createVm, newWorld, setTags, until } from './azure-world.ts';

const names = namesOf(vmName('set-a', 'old', 0));

/** Puts a network interface or disk there that no VM has. */
function leave(
  world: AzureWorld,
  kind: FakeDangling['kind'],
  name: string,
  tags: FakeDangling['tags'] = setTags,
): void {
  const { region } = world.fake;
  const id = `/subscriptions/s/resourceGroups/vms/providers/x/${kind}/${name}`;
  const place = { createdMs: region.nowMs, location: 'centralus', subnetId: '' };
  region.addDangling({ kind, name, id, tags, deleteWithVm: true, ...place });
}

/** Names of what no VM has. */
function left({ fake }: AzureWorld): readonly string[] {
  return [...fake.region.dangling('networkInterfaces'), ...fake.region.dangling('disks')].map(({ name }) => name);
}

/** Lets simulated time pass, and what the driver asks for meanwhile be answered. */
async function pass(world: AzureWorld, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    await world.clock.advance(5_000);
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
}

test('what a VM leaves behind is removed after the limit, not before', async () => {
  const world = await newWorld();
  const set = await world.open({ params: { deleteDanglingResourcesAfter: '2m' } });
  world.fake.region.leaveBehind = true;
  const instance = await createVm(set, 'one');
  await set.destroy(instance, call());
  await until(world, 'it is gone', () => (world.fake.region.vms().length === 0 ? true : undefined));
  await pass(world, 60);
  expect(left(world)).toHaveLength(2);
  await until(world, 'all is removed', () => (left(world).length === 0 ? true : undefined));
  expect(set.metrics?.()).toContainEqual(
    expect.objectContaining({ name: 'azure_dangling_removed_total', labels: { kind: 'disk' }, value: 1 }),
  );
});

test("another set's, others' and those that a VM has are never touched", async () => {
  const world = await newWorld();
  const set = await world.open();
  const kept = await createVm(set, 'kept');
  const theirs = namesOf(vmName('set-b', 'old', 0));
  leave(world, 'networkInterfaces', theirs.networkInterface, { ArvadosInstanceSetID: 'set-b' });
  leave(world, 'disks', theirs.osDisk, {});
  leave(world, 'networkInterfaces', 'a-nic-of-somebody');
  leave(world, 'disks', `${names.vm}-backup`);
  // Named like ours, and tagged as theirs, or not at all.
  leave(world, 'networkInterfaces', names.networkInterface, {});
  leave(world, 'disks', names.osDisk, { ArvadosInstanceSetID: 'set-b' });
  const before = left(world);
  leave(world, 'disks', names.scratchDisk, {});
  await until(world, 'ours is removed', () => (left(world).length === before.length ? true : undefined));
  await pass(world, 180);
  expect(left(world)).toEqual(before);
  expect(await set.describe(kept.id, call())).toMatchObject({ lifecycle: 'running' });
});

test('one that cannot be removed yet is tried again, and an outage is waited out', async () => {
  const world = await newWorld();
  await world.open();
  leave(world, 'networkInterfaces', names.networkInterface);
  const reserved = new ArmError(400, 'NicReservedForAnotherVm', 'It is reserved for 180 seconds.');
  const remove = 'DELETE microsoft.network/networkinterfaces';
  world.fake.inject({ on: remove, answer: reserved, times: 2 });
  world.fake.inject({
    on: 'GET microsoft.compute/disks[]',
    answer: new ArmError(503, 'ServiceUnavailable', 'Later.'),
    times: 1,
  });
  await until(world, 'it is removed', () => (left(world).length === 0 ? true : undefined));
  const asked = world.fake.calls.filter((made) => made === remove);
  expect(asked).toHaveLength(3);
});

test('one whose VM exists is left alone, whatever it looks like', async () => {
  const world = await newWorld();
  const first = await world.open();
  const { id } = await createVm(first, 'one');
  await first.close();
  leave(world, 'networkInterfaces', namesOf(id).networkInterface);
  const set = await world.open();
  await pass(world, 180);
  expect(left(world)).toEqual([namesOf(id).networkInterface]);
  const [instance] = (await set.list(setTags, call())).instances;
  if (instance === undefined) throw new Error('it exists');
  await set.destroy(instance, call());
  await until(world, 'it is removed with its VM gone', () => (left(world).length === 0 ? true : undefined));
  expect(world.fake.region.vms()).toEqual([]);
});

test('0 switches it off', async () => {
  const world = await newWorld();
  await world.open({ params: { deleteDanglingResourcesAfter: 0 } });
  leave(world, 'networkInterfaces', names.networkInterface);
  await pass(world, 120);
  expect(left(world)).toEqual([names.networkInterface]);
  expect(world.fake.calls).toEqual([]);
});
