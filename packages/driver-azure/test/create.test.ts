import { ArmError } from '@drover/fake-clouds/azure';
import { CapacityError, type InstanceType } from '@drover/spec';
import { expect, test } from 'vitest';
import { namesOf, vmName } from '../src/names.ts';
import { call, createVm, instanceType, newWorld, request, setTags, until } from './azure-world.ts';

const putVm = 'PUT microsoft.compute/virtualmachines';
const text = 'Azure says why.';

/** The body of the first create request. */
function bodyOf(world: Awaited<ReturnType<typeof newWorld>>): unknown {
  return world.fake.region.vms()[0]?.body;
}

test('a spot VM in a zone with added scratch: everything goes with it, no public address, no password', async () => {
  const world = await newWorld();
  const set = await world.open({ params: { zones: ['2'], diskType: 'Premium_LRS' } });
  const type: InstanceType = { ...instanceType, preemptible: true, addedScratchBytes: 100 * 2 ** 30 + 1 };
  const instance = await createVm(set, 'one', { instanceType: type, initCommands: ['echo hi'] });
  expect(instance).toMatchObject({ lifecycle: 'pending', zone: 'centralus-2', providerType: 'Standard_D2s_v3' });
  const disk = { deleteOption: 'Delete', managedDisk: { storageAccountType: 'Premium_LRS' } };
  expect(bodyOf(world)).toMatchObject({
    zones: ['2'],
    properties: {
      priority: 'Spot',
      evictionPolicy: 'Delete',
      billingProfile: { maxPrice: -1 },
      storageProfile: {
        osDisk: { ...disk, name: `${instance.id}-os`, createOption: 'FromImage' },
        dataDisks: [{ ...disk, name: `${instance.id}-scratch`, createOption: 'Empty', diskSizeGB: 101, lun: 0 }],
      },
      osProfile: {
        customData: Buffer.from('#!/bin/sh\necho hi\n').toString('base64'),
        linuxConfiguration: { disablePasswordAuthentication: true },
      },
      networkProfile: { networkInterfaceConfigurations: [{ properties: { deleteOption: 'Delete' } }] },
    },
  });
  expect(JSON.stringify(bodyOf(world))).not.toMatch(/publicIP|adminPassword/);
});

test('an on-demand VM without a zone says nothing of spot, zones or data disks', async () => {
  const world = await newWorld();
  await createVm(await world.open(), 'one');
  expect(JSON.stringify(bodyOf(world))).not.toMatch(/priority|evictionPolicy|zones|dataDisks/);
});

test.each([
  [{ imageId: '' }, 'pool.imageId'],
  [{ imageId: 'https://old.blob.core.windows.net/vhds/image.vhd' }, 'pool.imageId'],
  [{ authorizedKey: 'ecdsa-sha2-nistp256 AAAA' }, 'ssh.privateKey'],
  [{ initCommands: ['x'.repeat(65_536)] }, 'pool.instanceInitCommand'],
  [{ tags: [{ ...setTags, long: 'x'.repeat(257) }] }, 'pool.resourceTags'],
  [{ tags: [{ 'a/b': 'c' }] }, 'pool.resourceTags'],
  [{ tags: [Object.fromEntries(Array.from({ length: 48 }, (_, n) => [`t${n}`, '']))] }, 'pool.resourceTags'],
])('what Azure would refuse is not asked for: %#', async (changes, setting) => {
  const world = await newWorld();
  const set = await world.open();
  const created = set.create(request(set, 'bad', changes), call());
  await expect(created).rejects.toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    fix: expect.stringContaining(setting),
  });
  expect(world.fake.calls).toEqual([]);
});

test.each([
  [{ location: 'westus' }, {}, 'driver.location'],
  [{ subnet: 'nowhere' }, {}, 'driver.subnet'],
  [{ resourceGroup: 'nowhere' }, {}, 'driver.resourceGroup'],
  [{}, { imageId: 'nothing' }, 'pool.imageId'],
  [{}, { instanceType: { ...instanceType, providerType: 'Standard_X1' } }, 'providerType'],
])('what Azure does not have is named by its setting: %j %j', async (params, changes, setting) => {
  const world = await newWorld();
  const set = await world.open({ params });
  await expect(set.create(request(set, 'bad', changes), call())).rejects.toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    fix: expect.stringContaining(setting),
  });
  expect(world.fake.region.vms()).toEqual([]);
});

test("Azure's own quota and capacity: families apart, spot apart, a zone that lacks the size", async () => {
  const world = await newWorld({ quotas: { standardDSv3Family: 2, cores: 60, lowPriorityCores: 2 } });
  const set = await world.open({ params: { zones: ['1', '2'] } });
  await createVm(set, 'first');
  const familyFull = set.create(request(set, 'second'), call());
  await expect(familyFull).rejects.toMatchObject({ code: 'CLOUD_CAPACITY', scope: 'quota-group' });
  await createVm(set, 'spot', { instanceType: { ...instanceType, preemptible: true } });
  const type: InstanceType = { ...instanceType, providerType: 'Standard_E8ds_v5' };
  const [, second] = set.offerings(type);
  if (second === undefined) throw new Error('two zones were configured');
  const notThere = set.create(request(set, 'third', { instanceType: type, offering: second }), call());
  await expect(notThere).rejects.toMatchObject({ code: 'CLOUD_CAPACITY', scope: 'offering' });
});

test('once refused, the rest of a batch is not even sent', async () => {
  const world = await newWorld();
  const set = await world.open();
  world.fake.inject({ on: putVm, answer: new ArmError(429, 'TooManyRequests', text), after: 3 });
  const results = await set.create(request(set, 'batch', { count: 30 }), call());
  expect(results.filter((result) => result.ok)).toHaveLength(3);
  // Ten are under way at a time.
  expect(world.fake.calls.filter((made) => made === putVm).length).toBeLessThanOrEqual(20);
});

test('what a refused create has left is removed, and the same name waits for that', async () => {
  const world = await newWorld();
  const set = await world.open();
  const names = namesOf(vmName('set-a', 'again', 0));
  const place = { createdMs: 0, location: 'centralus', subnetId: '', deleteWithVm: true, tags: setTags };
  world.fake.region.addDangling({ kind: 'networkInterfaces', name: names.networkInterface, id: '/x/nic', ...place });
  world.fake.region.addDangling({ kind: 'disks', name: names.scratchDisk, id: '/x/disk', ...place });
  world.fake.inject({ on: putVm, answer: new ArmError(409, 'AllocationFailed', text), times: 1 });
  await expect(set.create(request(set, 'again'), call())).rejects.toBeInstanceOf(CapacityError);
  const accepted: string[] = [];
  const second = createVm(set, 'again').then(({ id }) => accepted.push(id));
  await until(world, 'the second try is accepted', () => accepted[0]);
  await second;
  expect(world.fake.region.dangling('disks')).toEqual([]);
  expect(world.fake.region.dangling('networkInterfaces')).toEqual([]);
  const running = await until(world, 'it runs', async () =>
    (await set.list(setTags, call())).instances.find((one) => one.lifecycle === 'running'),
  );
  expect(accepted).toEqual([running.id]);
});

test.each([
  ['a quota', new ArmError(409, 'OperationNotAllowed', 'It exceeds the approved Total Regional Cores quota.')],
  ['a parameter', new ArmError(400, 'InvalidParameter', text)],
  ['an outage', new ArmError(503, 'ServiceUnavailable', text)],
  ['its being there', new ArmError(412, 'PreconditionFailed', text)],
])('asked for again, a VM that runs is found and never removed, even if Azure refuses for %s', async (_why, answer) => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'one');
  await until(world, 'its create has come to an end', () =>
    set.metrics?.().some(({ labels, value }) => labels['success'] === '1' && value === 1) === true ? true : undefined,
  );
  const vm = world.fake.region.vm(id);
  if (vm === undefined) throw new Error('it was created');
  for (const changeFailed of [false, true]) {
    // Also when Azure calls it failed, because a change of it did.
    vm.changeFailed = changeFailed;
    world.fake.inject({ on: putVm, answer });
    expect(await createVm(set, 'one')).toMatchObject({ id, lifecycle: 'running' });
    world.fake.heal();
  }
  expect(world.fake.calls.filter((made) => made.startsWith('DELETE '))).toEqual([]);
});

test('an answer that is lost is looked up: the VM is there, and no second one is made', async () => {
  const world = await newWorld();
  const set = await world.open();
  world.fake.inject({ on: putVm, answer: 'reset', afterEffect: true, times: 1 });
  const instance = await createVm(set, 'lost');
  expect(world.fake.region.vms().map((vm) => vm.name)).toEqual([instance.id]);
  world.fake.inject({ on: putVm, answer: 'reset', times: 1 });
  await expect(set.create(request(set, 'never'), call())).rejects.toMatchObject({ code: 'CLOUD_TRANSIENT' });
});

test('the same createId with other parameters is refused, and the VM is left alone', async () => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'one');
  const other = { ...instanceType, providerType: 'Standard_D4s_v3' };
  await expect(set.create(request(set, 'one', { instanceType: other }), call())).rejects.toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
  });
  await world.clock.advance(60_000);
  expect(await set.describe(id, call())).toMatchObject({ lifecycle: 'running' });
});

test('a launch that fails after it was accepted is told, removed whole, and counted', async () => {
  const world = await newWorld();
  const set = await world.open();
  world.fake.region.lateFailure = new ArmError(409, 'AllocationFailed', text);
  const { id } = await createVm(set, 'stillborn');
  const failure = await until(world, 'the failure shows', async () => (await set.list({}, call())).launchFailures[0]);
  expect(failure).toMatchObject({
    createId: 'stillborn',
    offeringId: 'small@centralus',
    instanceId: id,
    error: { code: 'CLOUD_CAPACITY', scope: 'instance-type' },
  });
  await until(world, 'nothing is left', () => (world.fake.region.vms().length === 0 ? true : undefined));
  expect((await set.list({}, call())).launchFailures).toEqual([]);
  expect(world.fake.region.dangling('disks')).toEqual([]);
  expect(set.metrics?.()).toContainEqual(
    expect.objectContaining({
      name: 'azure_instance_starts_total',
      labels: { zone: 'centralus', success: '0' },
      value: 1,
    }),
  );
});

test('a launch that failed while no dispatcher ran is told by the next one, and removed', async () => {
  const world = await newWorld();
  const first = await world.open();
  world.fake.region.lateFailure = new ArmError(409, 'ZonalAllocationFailed', text);
  const { id } = await createVm(first, 'orphan');
  await first.close();
  await world.clock.advance(60_000);
  const set = await world.open();
  const { instances, launchFailures } = await set.list(setTags, call());
  expect(instances).toMatchObject([{ id, lifecycle: 'stopping' }]);
  expect(launchFailures).toMatchObject([{ createId: 'orphan', instanceId: id, error: { scope: 'offering' } }]);
  await until(world, 'it is gone', async () => ((await set.describe(id, call())) === 'gone' ? true : undefined));
});

test('a VM that runs is not touched because a change of it failed', async () => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'healthy');
  await until(world, 'its create has come to an end', () =>
    set.metrics?.().some(({ labels, value }) => labels['success'] === '1' && value === 1) === true ? true : undefined,
  );
  const vm = world.fake.region.vm(id);
  if (vm === undefined) throw new Error('it was created');
  vm.changeFailed = true;
  for (let looks = 0; looks < 3; looks += 1) {
    const { instances, launchFailures } = await set.list(setTags, call());
    expect(instances).toMatchObject([{ id, lifecycle: 'running' }]);
    expect(launchFailures).toEqual([]);
    await world.clock.advance(60_000);
  }
  expect(world.fake.calls).not.toContain('DELETE microsoft.compute/virtualmachines');
});

test('a look at a create that fails says nothing about the VM', async () => {
  const world = await newWorld();
  const set = await world.open();
  const { id } = await createVm(set, 'one');
  world.fake.inject({
    on: 'GET microsoft.compute/locations/operations',
    answer: new ArmError(429, 'TooManyRequests', text),
  });
  const running = await until(world, 'it runs', async () =>
    (await set.list(setTags, call())).instances.find((one) => one.lifecycle === 'running'),
  );
  expect(running.id).toBe(id);
});

test('a VM that is destroyed while it boots is no failed launch', async () => {
  const world = await newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'young');
  await set.destroy(instance, call());
  await until(world, 'it is gone', async () =>
    (await set.describe(instance.id, call())) === 'gone' ? true : undefined,
  );
  expect((await set.list(setTags, call())).launchFailures).toEqual([]);
});

test('what a failed launch left and cannot be removed is told once, and tried again', async () => {
  const world = await newWorld();
  const set = await world.open();
  world.fake.region.lateFailure = new ArmError(409, 'AllocationFailed', text);
  await createVm(set, 'stuck');
  const remove = 'DELETE microsoft.compute/virtualmachines';
  world.fake.inject({ on: remove, answer: new ArmError(409, 'Conflict', text), times: 3 });
  const told: string[] = [];
  await until(world, 'it is removed at last', async () => {
    told.push(...(await set.list(setTags, call())).launchFailures.map(({ createId }) => createId));
    return world.fake.region.vms().length === 0 ? true : undefined;
  });
  expect(told).toEqual(['stuck']);
  expect(world.fake.calls.filter((made) => made === remove)).toHaveLength(4);
});

test('a listing is whole although a VM that failed cannot be looked at', async () => {
  const world = await newWorld();
  const first = await world.open();
  world.fake.region.lateFailure = new ArmError(409, 'AllocationFailed', text);
  const { id } = await createVm(first, 'orphan');
  await first.close();
  await world.clock.advance(60_000);
  const set = await world.open();
  world.fake.inject({
    on: 'GET microsoft.compute/virtualmachines',
    answer: new ArmError(404, 'ResourceNotFound', text),
  });
  expect((await set.list(setTags, call())).instances).toMatchObject([{ id, lifecycle: 'running' }]);
  world.fake.heal();
  expect((await set.list(setTags, call())).instances).toMatchObject([{ id, lifecycle: 'stopping' }]);
});
