import { AuthError, CapacityError, TransientCloudError } from '@drover/spec';
import { expect, test } from 'vitest';
import { call, set, setUp, small } from '../../test/fake-cloud-fixture.ts';

test.each([
  { out: { all: true }, scope: 'all' },
  { out: { quotaGroups: ['t.small/on-demand'] }, scope: 'quota-group' },
  { out: { instanceTypes: ['small'] }, scope: 'instance-type' },
  { out: { offerings: ['small@zone-a'] }, scope: 'offering' },
])('capacity by scope $scope', async ({ out, scope }) => {
  const { cloud, request } = setUp({ faults: { outOfCapacity: out } });
  const error = await cloud.create(request('c1'), call).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(CapacityError);
  expect(error).toMatchObject({ scope });
});

test('broken credentials, failed pages, ignored destroys', async () => {
  const { clock, cloud, createOne, listed } = setUp();
  const vm = await createOne('c1');
  cloud.faults.authBroken = true;
  await expect(cloud.list(set, call)).rejects.toThrow(AuthError);
  cloud.faults.authBroken = false;
  cloud.faults.calls.list = { failRate: 1 };
  await expect(cloud.list(set, call)).rejects.toThrow(TransientCloudError);
  cloud.faults.calls = {};
  cloud.faults.destroyIgnoredRate = 1;
  await cloud.destroy(vm, call);
  await clock.advance(60_000);
  expect(await listed()).toEqual([`${vm.id} running`]);
});

test('a listing lags: young VMs are absent, dead ones still run', async () => {
  const { clock, cloud, createOne, listed } = setUp({ stopDelay: { minMs: 0, maxMs: 0 } });
  const vm = await createOne('c1');
  await clock.advance(100_000);
  cloud.faults.listLagMs = 50_000;
  const other = await createOne('c2');
  cloud.kill(vm.id);
  const views = new Set<string>();
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(100);
    views.add((await listed()).join(', '));
  }
  expect(views).toContain(`${vm.id} running`);
  await clock.advance(50_000);
  expect(await listed()).toEqual([`${vm.id} terminated`, expect.stringContaining(other.id)]);
});

test('a VM vanishes from listings and comes back, and can be described all along', async () => {
  const { clock, cloud, createOne, listed } = setUp();
  const vm = await createOne('c1');
  cloud.faults.vanishRate = 1;
  expect(await listed()).toEqual([]);
  cloud.faults.vanishRate = 0;
  expect(await listed()).toEqual([]);
  expect(await cloud.describe(vm.id, call)).toMatchObject({ id: vm.id });
  await clock.advance(60_000);
  expect(await listed()).toEqual([`${vm.id} running`]);
});

test('a launch that fails late is reported with the listing', async () => {
  const { clock, cloud, seen, createOne } = setUp({ faults: { launchFailureRate: 1 } });
  const vm = await createOne('c1');
  await clock.advance(30_000);
  const { instances, launchFailures } = await cloud.list(set, call);
  expect(instances).toMatchObject([{ id: vm.id, lifecycle: 'terminated' }]);
  expect(launchFailures).toMatchObject([{ createId: 'c1', offeringId: 'small@zone-a', instanceId: vm.id }]);
  expect(seen).toEqual([`gone ${vm.id}`]);
});

test.each([
  { fault: { neverBootsRate: 1 }, lifecycle: 'running' },
  { fault: { stuckPendingRate: 1 }, lifecycle: 'pending' },
])('a host that never comes alive stays $lifecycle', async ({ fault, lifecycle }) => {
  const { clock, seen, createOne, listed } = setUp({ faults: fault });
  const vm = await createOne('c1');
  await clock.advance(3_600_000);
  expect(await listed()).toEqual([`${vm.id} ${lifecycle}`]);
  expect(seen).toEqual([]);
});

test('tags that come late', async () => {
  const { clock, cloud, createOne, listed } = setUp({ faults: { missingTagsRate: 1 } });
  const vm = await createOne('c1');
  await cloud.setTags(vm, { extra: 'yes' }, call);
  expect(await listed()).toEqual([]);
  await clock.advance(30_000);
  expect(await listed()).toEqual([`${vm.id} running`]);
  expect(await cloud.describe(vm.id, call)).toMatchObject({ tags: { ...set, extra: 'yes' } });
});

test('spot VMs are taken away, with notice; others are not', async () => {
  const { clock, seen, createOne } = setUp({ faults: { spotKillMeanMs: 1000 } });
  const spot = await createOne('c1', { ...small, name: 'spot', preemptible: true });
  const other = await createOne('c2');
  await clock.advance(3_600_000);
  expect(seen.filter((line) => line.includes(spot.id))).toEqual([
    `running ${spot.id}`,
    `notice ${spot.id} 120000`,
    `gone ${spot.id}`,
  ]);
  expect(seen.filter((line) => line.includes(other.id))).toEqual([`running ${other.id}`]);
});

test('an address can come back with another host key behind it', async () => {
  const { clock, cloud, createOne } = setUp({ faults: { reuseAddresses: true } });
  const first = await createOne('c1');
  await clock.advance(30_000);
  const before = await cloud.describe(first.id, call);
  const oldKeys = await cloud.hostKeys?.(first.id, call);
  cloud.kill(first.id);
  const second = await createOne('c2');
  await clock.advance(30_000);
  expect(await cloud.describe(second.id, call)).toMatchObject({
    address: before === 'gone' ? '' : before.address,
  });
  expect(await cloud.hostKeys?.(second.id, call)).not.toEqual(oldKeys);
});
