import { CapacityError, DroverError, QuotaError, TransientCloudError } from '@drover/spec';
import { noFaults, notFound, Refusal } from '@drover/fake-clouds/gce';
import { expect, test } from 'vitest';
import { call, createOne, errorOf, inserts, instanceType, requestOf, setTags, world } from './gce-world.ts';

const stockout = { code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'not enough resources' };

test.each([
  { what: 'wrong zone', params: { zones: ['us-central1-z'] }, request: {}, fix: 'driver.zones' },
  { what: 'wrong project', params: { project: 'other-project' }, request: {}, fix: 'driver.project' },
  { what: 'wrong subnetwork', params: { subnetwork: 'nowhere' }, request: {}, fix: 'driver.subnetwork' },
  { what: 'wrong image', params: {}, request: { imageId: 'nope' }, fix: 'image' },
])('$what: refused for good, and the setting is named', async ({ params, request, fix }) => {
  const at = await world({}, { params });
  expect(await errorOf(createOne(at.set, request))).toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    retryable: false,
    fix: expect.stringContaining(fix),
  });
});

test('a machine type that a zone has not is no capacity there, so that the next zone is tried', async () => {
  const at = await world();
  const error = await errorOf(createOne(at.set, { instanceType: { ...instanceType, providerType: 'z9-big-1' } }));
  expect(error).toBeInstanceOf(CapacityError);
  expect(error).toMatchObject({ scope: 'offering' });
});

test.each([
  { refused: 'at-once', metric: 'CPUS', code: 'CLOUD_QUOTA' },
  { refused: 'by-operation', metric: 'CPUS', code: 'CLOUD_QUOTA' },
  { refused: 'by-operation', metric: 'N2_CPUS', code: 'CLOUD_CAPACITY' },
] as const)('quota $metric, $refused: $code, and nothing is left', async ({ refused, metric, code }) => {
  const at = await world();
  at.fake.cloud.faults.quota = { metric, limit: 0, refused };
  expect(await errorOf(createOne(at.set))).toMatchObject({ code });
  expect(at.fake.cloud.all()).toEqual([]);
  at.fake.cloud.faults = noFaults();
  // Google answers the repeated request with the operation that failed; that is not the end of it.
  await createOne(at.set);
});

test('an operation that fails after it was accepted: what it left is removed before the failure is told', async () => {
  const at = await world();
  at.fake.cloud.faults.insertFails = () => ({ code: 'UNSUPPORTED_OPERATION', message: 'preempted', leaves: true });
  expect(await errorOf(createOne(at.set))).toMatchObject({ code: 'CLOUD_CAPACITY', scope: 'offering' });
  await expect.poll(() => at.fake.cloud.all()).toEqual([]);
});

test('a create whose answer is lost makes one VM, and the next call finds it', async () => {
  const at = await world();
  at.fake.cloud.faults.intercept = ({ id }) => (id === 'compute.instances.insert' ? 'reset-after' : undefined);
  expect(await errorOf(createOne(at.set))).toBeInstanceOf(TransientCloudError);
  at.fake.cloud.faults = noFaults();
  const found = await createOne(at.set);
  expect(at.fake.cloud.all().map(({ asked }) => asked.name)).toEqual([found.id.split('/')[1]]);
});

test('a VM of somebody else with that name is not taken over, and the setting is named', async () => {
  const at = await world();
  const ours = await createOne(at.set);
  const [vm] = at.fake.cloud.all();
  if (vm === undefined) throw new Error('no VM');
  vm.metadata = vm.metadata.map((item) => (item.key === 'drover-create' ? { ...item, value: 'theirs' } : item));
  // Not the same request: Google has forgotten it after a while.
  at.fake.cloud.forgetRequests();
  expect(await errorOf(createOne(at.set))).toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    fix: expect.stringContaining('driver.namePrefix'),
  });
  expect(await at.set.describe(ours.id, call())).toMatchObject({ lifecycle: 'running' });
});

test('the name is taken by our own earlier try: it is adopted', async () => {
  const at = await world();
  const first = await createOne(at.set);
  at.fake.cloud.forgetRequests();
  expect(await createOne(at.set)).toEqual(first);
  expect(at.fake.cloud.all()).toHaveLength(1);
});

test('looks at the operation that fail do not lose it', async () => {
  const at = await world();
  let failures = 0;
  at.fake.cloud.faults.intercept = ({ id }) => {
    if (id !== 'compute.zoneOperations.wait' || failures >= 3) return undefined;
    failures += 1;
    throw new Refusal(503, 'backendError', 'Backend Error');
  };
  await createOne(at.set);
  expect(failures).toBe(3);
  expect(inserts(at)).toBe(1);
});

test('time is up, and the VM can be seen: it is given as it is, and its failure comes with a listing', async () => {
  const at = await world();
  at.timings.createWaitMs = 30;
  Object.assign(at.fake.cloud.faults, { operationsHang: true, insertFails: () => stockout });
  const request = requestOf(at.set);
  const instance = await createOne(at.set);
  expect(instance.lifecycle).toBe('pending');
  expect((await at.set.list(setTags, call())).launchFailures).toEqual([]);
  at.fake.cloud.faults.operationsHang = false;
  await expect
    .poll(async () => (await at.set.list(setTags, call())).launchFailures)
    .toMatchObject([
      {
        createId: request.createId,
        offeringId: request.offering.id,
        instanceId: instance.id,
        error: { code: 'CLOUD_CAPACITY' },
      },
    ]);
  expect((await at.set.list(setTags, call())).instances).toEqual([]);
  at.clock.jump(3_600_000);
  expect((await at.set.list(setTags, call())).launchFailures, 'not for ever').toEqual([]);
});

test('time is up, and nothing is to be seen: nobody knows, and the same call finds out', async () => {
  const at = await world();
  at.timings.createWaitMs = 30;
  at.fake.cloud.faults.operationsHang = true;
  at.fake.cloud.faults.intercept = ({ id, parameter }) => {
    if (id === 'compute.instances.get') throw notFound(`projects/p/zones/z/instances/${parameter('instance')}`);
    return undefined;
  };
  expect(await errorOf(createOne(at.set))).toBeInstanceOf(TransientCloudError);
  at.fake.cloud.faults = noFaults();
  expect((await createOne(at.set)).lifecycle).toBe('running');
  expect(at.fake.cloud.all()).toHaveLength(1);
});

test('a batch with one VM in doubt is in doubt as a whole; the same call again makes up for it', async () => {
  const at = await world();
  let lost = false;
  at.fake.cloud.faults.intercept = ({ id }) => {
    if (id !== 'compute.instances.insert' || lost) return undefined;
    lost = true;
    return 'reset-after';
  };
  const request = requestOf(at.set, { count: 3 });
  expect(await errorOf(at.set.create(request, call()))).toBeInstanceOf(TransientCloudError);
  const results = await at.set.create(request, call());
  expect(results.every((result) => result.ok)).toBe(true);
  expect(at.fake.cloud.all()).toHaveLength(3);
});

test('a batch in which some VMs are refused says so one by one; one in which all are, as a whole', async () => {
  const at = await world();
  at.fake.cloud.faults.quota = { metric: 'CPUS', limit: 2, refused: 'by-operation' };
  const results = await at.set.create(requestOf(at.set, { count: 5 }), call());
  expect(results.filter((result) => result.ok)).toHaveLength(2);
  expect(results).toHaveLength(5);
  for (const result of results) expect(result.ok || DroverError.is(result.error)).toBe(true);
  const error = await errorOf(at.set.create(requestOf(at.set, { createId: 'more', count: 2 }), call()));
  expect(error).toBeInstanceOf(QuotaError);
});

test('no more inserts of a batch are under way at once than allowed', async () => {
  const at = await world();
  at.timings.parallelInserts = 3;
  let most = 0;
  at.fake.cloud.faults.insertFails = () => {
    most = Math.max(most, at.fake.cloud.all().filter((vm) => vm.readyAtMs > at.fake.cloud.nowMs).length + 1);
    return undefined;
  };
  const results = await at.set.create(requestOf(at.set, { count: 12 }), call());
  expect(results).toHaveLength(12);
  expect(most).toBeLessThanOrEqual(3);
});

test('starts are counted per zone, from zero', async () => {
  const at = await world();
  const value = (name: string, labels: object): number | undefined =>
    at.set
      .metrics?.()
      .find((series) => series.name === name && JSON.stringify(series.labels) === JSON.stringify(labels))?.value;
  const zone = 'us-central1-a';
  expect(value('gce_instance_starts_total', { zone, success: '1' })).toBe(0);
  await createOne(at.set);
  at.fake.cloud.faults.capacity.set(zone, 0);
  await errorOf(createOne(at.set, { createId: 'other' }));
  await at.set.list(setTags, call());
  expect(value('gce_instance_starts_total', { zone, success: '1' })).toBe(1);
  expect(value('gce_instance_starts_total', { zone, success: '0' })).toBe(1);
  expect(value('gce_instances', { zone })).toBe(1);
  expect(value('gce_instances', { zone: 'us-central1-b' })).toBe(0);
});
