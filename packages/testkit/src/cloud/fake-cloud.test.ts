import { InvalidRequestError, NotFoundError, QuotaError, RateLimitError, TransientCloudError } from '@drover/spec';
import { expect, test } from 'vitest';
import { healCloud } from './cloud-faults.ts';
import { call, set, setUp } from '../../test/fake-cloud-fixture.ts';

test('a VM boots, runs, stops and is forgotten', async () => {
  const { clock, cloud, seen, createOne, listed } = setUp();
  const vm = await createOne('c1');
  expect(vm).toMatchObject({ lifecycle: 'pending', address: '', tags: { ...set, n: '0' } });
  await clock.advance(30_000);
  expect(await listed()).toEqual([`${vm.id} running`]);
  await cloud.destroy(vm, call);
  expect(await listed()).toEqual([`${vm.id} stopping`]);
  await clock.advance(10_000);
  expect(await listed()).toEqual([`${vm.id} terminated`]);
  expect(await cloud.describe(vm.id, call)).toMatchObject({ lifecycle: 'terminated' });
  await clock.advance(60_000);
  expect(await listed()).toEqual([]);
  expect(await cloud.describe(vm.id, call)).toBe('gone');
  await cloud.destroy(vm, call);
  expect(seen).toEqual([`running ${vm.id}`, `gone ${vm.id}`]);
  await expect(cloud.setTags(vm, { a: 'b' }, call)).rejects.toThrow(NotFoundError);
});

test('the same createId creates nothing new, another request under it is refused', async () => {
  const { cloud, request } = setUp();
  const first = await cloud.create(request('c1', 3), call);
  expect(await cloud.create(request('c1', 3), call)).toEqual(first);
  expect(cloud.vms).toHaveLength(3);
  await expect(cloud.create(request('c1', 2), call)).rejects.toThrow(InvalidRequestError);
});

test('a lost answer leaves a VM that the repeated call finds', async () => {
  const { cloud, request } = setUp({ faults: { calls: { create: { answerLostRate: 1 } } } });
  await expect(cloud.create(request('c1'), call)).rejects.toThrow(TransientCloudError);
  expect(cloud.vms).toHaveLength(1);
  healCloud(cloud.faults);
  await cloud.create(request('c1'), call);
  expect(cloud.vms).toHaveLength(1);
  expect(cloud.faultHits.get('create answer lost')).toBe(1);
});

test('quota cuts a batch short, and refuses one that it has no room for', async () => {
  const { cloud, request } = setUp({ faults: { quota: 2 } });
  const results = await cloud.create(request('c1', 3), call);
  expect(results.map((result) => result.ok)).toEqual([true, true, false]);
  expect(results[2]).toMatchObject({ error: expect.any(QuotaError) });
  await expect(cloud.create(request('c2'), call)).rejects.toThrow(QuotaError);
});

test('rate limits and throttling', async () => {
  const { clock, cloud } = setUp({ rateLimits: { list: { perSecond: 2, burst: 1 } } });
  await cloud.list(set, call);
  await expect(cloud.list(set, call)).rejects.toMatchObject({ retryAfterMs: 500 });
  await clock.advance(500);
  await cloud.list(set, call);
  cloud.faults.calls.describe = { throttleRate: 1 };
  const error = await cloud.describe('i-1', call).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ retryAfterMs: undefined });
});

test('host keys come when the cloud publishes them, or the capability is not there', async () => {
  const { clock, cloud, createOne } = setUp({ hostKeyDelayMs: 5000 });
  const vm = await createOne('c1');
  await clock.advance(34_999);
  expect(await cloud.hostKeys?.(vm.id, call)).toEqual([]);
  await clock.advance(1);
  expect(await cloud.hostKeys?.(vm.id, call)).toEqual([expect.stringMatching(/^ssh-ed25519 /)]);
  expect(setUp({ publishesHostKeys: false }).cloud.hostKeys).toBeUndefined();
});

test('VMs of others are not listed, and touching one is recorded', async () => {
  const { cloud, listed } = setUp();
  const foreign = cloud.addForeign({ 'drover-InstanceSetID': 'set-b' });
  expect(await listed()).toEqual([]);
  expect(cloud.foreignTouches).toEqual([]);
  await cloud.destroy(foreign, call);
  expect(cloud.foreignTouches).toEqual([{ verb: 'destroy', id: foreign.id }]);
});

test('latency: it takes effect halfway, and an aborted call takes effect too', async () => {
  const { clock, cloud, request } = setUp({ latency: { minMs: 100, maxMs: 100 } });
  const abort = new AbortController();
  const creating = cloud.create(request('c1'), { signal: abort.signal });
  abort.abort(new Error('deadline'));
  await expect(creating).rejects.toThrow(TransientCloudError);
  expect(cloud.vms).toHaveLength(0);
  const listing = cloud.list(set, call);
  await clock.advance(50);
  expect(cloud.vms).toHaveLength(1);
  cloud.kill(cloud.vms[0]?.id ?? '');
  await clock.advance(50);
  expect((await listing).instances).toMatchObject([{ lifecycle: 'pending' }]);
});

test('a call that hangs ends with the abort', async () => {
  const { clock, cloud } = setUp({ faults: { calls: { list: { hangRate: 1 } } } });
  const abort = new AbortController();
  const outcome = cloud.list(set, { signal: abort.signal }).catch((error: unknown) => error);
  await clock.advance(1e9);
  abort.abort();
  expect(await outcome).toBeInstanceOf(TransientCloudError);
});

test('the same seed gives the same life', async () => {
  const life = async (): Promise<unknown> => {
    const { clock, cloud, seen, request } = setUp({
      bootDelay: { minMs: 10_000, maxMs: 90_000 },
      latency: { minMs: 0, maxMs: 500 },
      faults: { neverBootsRate: 0.2, launchFailureRate: 0.2, listLagMs: 5000, vanishRate: 0.1 },
    });
    const creating = cloud.create(request('c1', 50), call);
    await clock.advance(60_000);
    await creating;
    const listing = cloud.list(set, call);
    await clock.advance(1000);
    return [seen, await listing];
  };
  expect(await life()).toEqual(await life());
});

test('listing 10,000 VMs costs little', async () => {
  const { cloud, request } = setUp();
  for (let batch = 0; batch < 100; batch += 1) await cloud.create(request(`c${batch}`, 100), call);
  const startMs = performance.now();
  for (let i = 0; i < 20; i += 1) expect((await cloud.list(set, call)).instances).toHaveLength(10_000);
  // Measured 1 ms each; the bound only catches a change of its order.
  expect((performance.now() - startMs) / 20).toBeLessThan(50);
});
