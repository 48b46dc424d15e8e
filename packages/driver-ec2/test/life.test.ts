import { Ec2Fault } from '@drover/fake-clouds/ec2';
import { expect, onTestFinished, test } from 'vitest';
import { call, createVms, type Ec2World, instanceType, newWorld, setTags } from './ec2-world.ts';

async function openWorld(options: Parameters<typeof newWorld>[0] = {}): Promise<Ec2World> {
  const world = await newWorld(options);
  onTestFinished(() => world.end());
  return world;
}

const minuteMs = 60_000;

test('EC2 does not know a new VM yet: it is neither called gone nor taken for destroyed', async () => {
  const world = await openWorld({ delays: { knownAfterMs: minuteMs, listedAfterMs: minuteMs } });
  const set = await world.open();
  const [vm] = await createVms(set, 'new');
  if (vm === undefined) throw new Error('one was asked for');
  const passing = { code: 'CLOUD_TRANSIENT', retryable: true };
  await expect(set.describe(vm.id, call())).rejects.toMatchObject(passing);
  await expect(set.destroy(vm, call())).rejects.toMatchObject(passing);
  await world.clock.advance(minuteMs);
  expect(await set.describe(vm.id, call())).toMatchObject({ id: vm.id, lifecycle: 'running' });
  await set.destroy(vm, call());
});

test('a VM that is old and not known is gone', async () => {
  const world = await openWorld();
  const set = await world.open();
  const [vm] = await createVms(set, 'old');
  if (vm === undefined) throw new Error('one was asked for');
  await world.clock.advance(6 * minuteMs);
  const instance = world.fake.fleet.get(vm.id);
  if (instance !== undefined) world.fake.fleet.end(instance, { code: 'Client.UserInitiatedShutdown', message: '' });
  await world.clock.advance(61 * minuteMs);
  expect(await set.describe(vm.id, call())).toBe('gone');
  await set.destroy(vm, call());
  expect(await set.describe('vm-of-another-driver', call())).toBe('gone');
});

test('a VM that one listing misses is found by its id', async () => {
  const world = await openWorld();
  const set = await world.open();
  const [vm] = await createVms(set, 'vanishing');
  const instance = world.fake.fleet.get(vm?.id ?? '');
  if (vm === undefined || instance === undefined) throw new Error('one was asked for');
  instance.hidden = true;
  expect((await set.list(setTags, call())).instances).toEqual([]);
  expect(await set.describe(vm.id, call())).toMatchObject({ id: vm.id });
  instance.hidden = false;
  expect((await set.list(setTags, call())).instances).toMatchObject([{ id: vm.id }]);
});

test('a VM that takes ten minutes to stop is stopping for ten minutes', async () => {
  const world = await openWorld({ delays: { shutdownMs: 10 * minuteMs } });
  const set = await world.open();
  const [vm] = await createVms(set, 'slow');
  if (vm === undefined) throw new Error('one was asked for');
  await set.destroy(vm, call());
  await world.clock.advance(9 * minuteMs);
  expect((await set.list(setTags, call())).instances).toMatchObject([{ lifecycle: 'stopping' }]);
  expect(await set.describe(vm.id, call())).toMatchObject({ lifecycle: 'stopping' });
  await world.clock.advance(2 * minuteMs);
  expect(await set.describe(vm.id, call())).toMatchObject({ lifecycle: 'terminated', address: '' });
});

test('a listing has all pages, and fails when one does', async () => {
  const world = await openWorld();
  const set = await world.open();
  await createVms(set, 'many', { count: 230 });
  expect((await set.list(setTags, call())).instances).toHaveLength(230);
  const pages = world.fake.calls.filter((seen) => seen.action === 'DescribeInstances');
  expect(pages.map((page) => page.input['MaxResults'])).toEqual([100, 100, 100]);
  world.fake.faults.add({
    action: 'DescribeInstances',
    when: (input) => input['NextToken'] !== undefined,
    times: 1,
    reply: new Ec2Fault('InternalError', 'An internal error has occurred', 500),
  });
  await expect(set.list(setTags, call())).rejects.toMatchObject({ retryable: true });
});

test('a value with wildcards in it matches itself only', async () => {
  const world = await openWorld();
  const set = await world.open();
  await createVms(set, 'plain', { tags: [{ name: 'a-b' }] });
  await createVms(set, 'star', { tags: [{ name: 'a*' }] });
  expect((await set.list({ name: 'a*' }, call())).instances.map((vm) => vm.tags)).toEqual([{ name: 'a*' }]);
});

test.each([
  ['Server.InsufficientInstanceCapacity', 'CLOUD_CAPACITY'],
  ['Server.SpotInstanceTermination', 'CLOUD_CAPACITY'],
  ['Client.VolumeLimitExceeded', 'CLOUD_QUOTA'],
  ['Client.InternalError', 'CLOUD_INVALID_REQUEST'],
  ['Client.InvalidSnapshot.NotFound', 'CLOUD_INVALID_REQUEST'],
  ['Server.InternalError', 'CLOUD_TRANSIENT'],
])('a launch that ends with %s comes back as %s', async (code, expected) => {
  const world = await openWorld();
  const set = await world.open();
  world.fake.account.launchesFail = { code, message: `${code}: why` };
  const [vm] = await createVms(set, 'stillborn');
  await world.clock.advance(1_000);
  const { launchFailures } = await set.list(setTags, call());
  expect(launchFailures).toMatchObject([{ createId: 'stillborn', instanceId: vm?.id, error: { code: expected } }]);
});

test('a VM that was destroyed, or shut itself down, is no launch that failed', async () => {
  const world = await openWorld();
  const set = await world.open();
  const [vm] = await createVms(set, 'wanted end');
  if (vm === undefined) throw new Error('one was asked for');
  await world.clock.advance(1_000);
  await set.destroy(vm, call());
  await world.clock.advance(1_000);
  const { instances, launchFailures } = await set.list(setTags, call());
  expect([instances[0]?.lifecycle, launchFailures]).toEqual(['terminated', []]);
});

test('the host keys come from the console, and it is read once in a while only', async () => {
  const world = await openWorld({ delays: { bootMs: 1_000, consoleMs: 1_000 } });
  const set = await world.open();
  const [vm] = await createVms(set, 'keys');
  const id = vm?.id ?? '';
  expect(await set.hostKeys?.(id, call())).toEqual([]);
  await world.clock.advance(3_000);
  expect(await set.hostKeys?.(id, call()), 'the answer is good for 30 s').toEqual([]);
  await world.clock.advance(30_000);
  expect(await set.hostKeys?.(id, call())).toEqual([
    `ssh-ed25519 ${Buffer.from(`host key of ${id}`).toString('base64')}`,
  ]);
  expect(world.fake.calls.filter((seen) => seen.action === 'GetConsoleOutput')).toHaveLength(2);
  const latest = new Ec2Fault(
    'UnsupportedOperation',
    'This instance type does not support retrieving the latest logs.',
  );
  world.fake.faults.add({ action: 'GetConsoleOutput', when: (input) => input['Latest'] === true, reply: latest });
  await world.clock.advance(30_000);
  expect(await set.hostKeys?.(id, call()), 'types before Nitro').toHaveLength(1);
});

test('prices of spot VMs, with their added scratch, oldest first and without repetitions', async () => {
  const world = await openWorld();
  const set = await world.open();
  const nowMs = world.clock.wallMs();
  const at = (price: number, hoursAgo: number) => ({
    type: 'm5.large',
    zone: 'us-east-1a',
    price,
    atMs: nowMs - hoursAgo * 60 * minuteMs,
  });
  world.fake.account.spotPrices = [at(0.03, 50), at(0.03, 40), at(0.04, 30), at(0.09, 1_000)];
  const spot = { ...instanceType, preemptible: true, addedScratchBytes: 72 * 1024 ** 3 };
  const [vm] = await createVms(set, 'spot', { instanceType: spot });
  const [plain] = await createVms(set, 'plain');
  if (vm === undefined || plain === undefined) throw new Error('two were asked for');
  await set.list(setTags, call());
  await expect.poll(() => set.priceHistory?.(vm, spot)).toHaveLength(2);
  const scratch = (72 * 0.1) / 720;
  expect(set.priceHistory?.(vm, spot)).toEqual([
    { fromMs: nowMs - 50 * 60 * minuteMs, pricePerHour: 0.03 + scratch },
    { fromMs: nowMs - 30 * 60 * minuteMs, pricePerHour: 0.04 + scratch },
  ]);
  expect(set.priceHistory?.(plain, instanceType)).toEqual([]);
  const { instances } = await set.list(setTags, call());
  expect(instances.map((instance) => instance.pricePerHour)).toEqual([0.04, undefined]);
  const asked = world.fake.calls.filter((seen) => seen.action === 'DescribeSpotPriceHistory');
  expect(asked, 'one day is not over').toHaveLength(1);
});

test('price history can be switched off', async () => {
  const world = await openWorld();
  const set = await world.open({ params: { spotPriceUpdateIntervalMs: 0 } });
  await createVms(set, 'spot', { instanceType: { ...instanceType, preemptible: true } });
  await set.list(setTags, call());
  await set.list(setTags, call());
  expect(world.fake.calls.map((seen) => seen.action)).not.toContain('DescribeSpotPriceHistory');
});
