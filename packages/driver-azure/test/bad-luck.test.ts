import { ArmError } from '@drover/fake-clouds/azure';
import { expect, test } from 'vitest';
import { call, createVm, newWorld, setTags, until } from './azure-world.ts';

const getVm = 'GET microsoft.compute/virtualmachines';
const patchVm = 'PATCH microsoft.compute/virtualmachines';

test.each([
  ['the resource group', new ArmError(404, 'ResourceGroupNotFound', 'Resource group could not be found.')],
  ['the subscription', new ArmError(404, 'SubscriptionNotFound', 'The subscription could not be found.')],
])('that %s is not found does not prove that a VM is gone', async (_what, answer) => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'one');
  await world.clock.advance(600_000);
  world.fake.inject({ answer });
  await expect(set.describe(id, call())).rejects.toMatchObject({ code: 'CLOUD_INVALID_REQUEST' });
  await expect(set.list(setTags, call())).rejects.toMatchObject({ code: 'CLOUD_INVALID_REQUEST' });
  await expect(
    set.destroy({ id, providerType: '', lifecycle: 'running', tags: {}, address: '' }, call()),
  ).rejects.toMatchObject({ code: 'CLOUD_INVALID_REQUEST' });
});

test('a VM that was accepted a moment ago is not called gone because Azure does not know it yet', async () => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'one');
  const notFound = new ArmError(404, 'ResourceNotFound', 'The Resource was not found.');
  world.fake.inject({ on: getVm, answer: notFound });
  await expect(set.describe(id, call())).rejects.toMatchObject({ code: 'CLOUD_TRANSIENT' });
  world.fake.heal();
  expect(await set.describe(id, call())).toMatchObject({ lifecycle: 'pending' });
  await world.clock.advance(600_000);
  world.fake.inject({ on: getVm, answer: notFound });
  expect(await set.describe(id, call())).toBe('gone');
});

test('an instance that one listing lacks and the next one has', async () => {
  const world = await newWorld({ listLagMs: 30_000 });
  const set = await world.open();
  const { id } = await createVm(set, 'late');
  expect((await set.list(setTags, call())).instances).toEqual([]);
  expect(await set.describe(id, call())).toMatchObject({ id });
  await world.clock.advance(30_000);
  expect((await set.list(setTags, call())).instances).toMatchObject([{ id }]);
});

test('a VM that is being deleted for ten minutes is stopping all the while, and then gone', async () => {
  const world = await newWorld({ deleteMs: 600_000 });
  const set = await world.open();
  const instance = await createVm(set, 'slow');
  await set.destroy(instance, call());
  for (let minutes = 1; minutes < 10; minutes += 1) {
    await world.clock.advance(60_000);
    expect(await set.describe(instance.id, call())).toMatchObject({ lifecycle: 'stopping' });
    expect((await set.list(setTags, call())).instances).toMatchObject([{ id: instance.id, lifecycle: 'stopping' }]);
  }
  await world.clock.advance(60_000);
  expect(await set.describe(instance.id, call())).toBe('gone');
});

test('tags that somebody else changes at the same time are kept, and with too many of them it gives up', async () => {
  const world = await newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'one');
  const conflict = new ArmError(412, 'PreconditionFailed', 'The resource has changed.');
  world.fake.inject({ on: patchVm, answer: conflict, times: 2 });
  await set.setTags(instance, { mine: 'yes' }, call());
  expect(world.fake.region.vm(instance.id)?.tags).toMatchObject({ ...setTags, mine: 'yes' });
  world.fake.inject({ on: patchVm, answer: conflict });
  await expect(set.setTags(instance, { mine: 'no' }, call())).rejects.toMatchObject({ code: 'CLOUD_TRANSIENT' });
});

test.each([
  [{ long: 'x'.repeat(257) }, 'pool.resourceTags'],
  [Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`t${n}`, ''])), 'pool.resourceTags'],
])('tags that Azure does not take are refused before it is asked: %#', async (tags, setting) => {
  const world = await newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'one');
  await expect(set.setTags(instance, tags, call())).rejects.toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    fix: expect.stringContaining(setting),
  });
  expect(world.fake.calls).not.toContain(patchVm);
});

test('a clock that jumps changes nothing: no VM is taken for old, nothing is removed', async () => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'one');
  for (const byMs of [86_400_000, -172_800_000]) {
    world.clock.jumpWall(byMs);
    await world.clock.advance(60_000);
    expect(await set.describe(id, call())).toMatchObject({ id });
  }
  expect(world.fake.calls.filter((made) => made.startsWith('DELETE '))).toEqual([]);
});

test('permission missing: each verb says so and names what prints the role, and nothing loops', async () => {
  const world = await newWorld({ actions: ['Microsoft.Compute/virtualMachines/read'] });
  const set = await world.open();
  await expect(createVm(set, 'one')).rejects.toMatchObject({
    code: 'CLOUD_AUTH',
    fix: expect.stringContaining('drover driver permissions azure'),
  });
  await expect(set.list(setTags, call())).rejects.toMatchObject({ code: 'CLOUD_AUTH' });
  const asked = world.fake.calls.length;
  await world.clock.advance(600_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  // The search for dangling resources goes on asking once a minute, and no more.
  expect(world.fake.calls.length - asked).toBeLessThanOrEqual(10);
});

test('closing ends what goes on in the background, at once', async () => {
  const world = await newWorld();
  const set = await world.open();
  await createVm(set, 'one');
  world.fake.inject({
    on: 'PUT microsoft.compute/virtualmachines',
    answer: new ArmError(409, 'AllocationFailed', 'No.'),
  });
  await expect(createVm(set, 'two')).rejects.toThrow('AllocationFailed');
  await set.close();
  const asked = world.fake.calls.length;
  await world.clock.advance(600_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(world.fake.calls).toHaveLength(asked);
});

test('a listing of many pages is whole', async () => {
  const world = await newWorld({ quotas: { standardDSv3Family: 100, cores: 100 }, pageSize: 3 });
  const set = await world.open();
  for (let n = 0; n < 11; n += 1) await createVm(set, `vm-${n}`);
  const instances = await until(world, 'all are listed with an address', async () => {
    const listed = (await set.list(setTags, call())).instances;
    return listed.length === 11 && listed.every(({ address }) => address !== '') ? listed : undefined;
  });
  expect(new Set(instances.map(({ address }) => address)).size).toBe(11);
});
