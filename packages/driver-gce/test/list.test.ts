import { TransientCloudError } from '@drover/spec';
import { Refusal } from '@drover/fake-clouds/gce';
import { expect, test } from 'vitest';
import { call, createOne, requestOf, setTags, spotType, instanceType, world } from './gce-world.ts';

const failsTransiently = { code: 'CLOUD_TRANSIENT', retryable: true };

test('every page of every zone is read', async () => {
  const at = await world();
  at.fake.cloud.faults.pageItems = 2;
  const offerings = at.set.offerings(instanceType);
  for (const [n, offering] of offerings.entries())
    await at.set.create(requestOf(at.set, { createId: `in-${n}`, count: 3, offering }), call());
  const { instances } = await at.set.list(setTags, call());
  expect(instances).toHaveLength(9);
  expect(new Set(instances.map(({ zone }) => zone)).size).toBe(3);
});

test.each(['UNREACHABLE', 'PARTIAL_SUCCESS'])(
  'a list with the warning %s is not complete, so it fails',
  async (code) => {
    const at = await world();
    await createOne(at.set);
    at.fake.cloud.faults.listWarning = code;
    await expect(at.set.list(setTags, call())).rejects.toMatchObject(failsTransiently);
  },
);

test('a list that warns only of an empty page is complete', async () => {
  const at = await world();
  at.fake.cloud.faults.listWarning = 'NO_RESULTS_ON_PAGE';
  expect((await at.set.list(setTags, call())).instances).toEqual([]);
});

test('one zone that cannot be listed fails the listing', async () => {
  const at = await world();
  at.fake.cloud.faults.intercept = ({ id, parameter }) => {
    if (id === 'compute.instances.list' && parameter('zone') === 'us-central1-b')
      throw new Refusal(503, 'backendError', 'Backend Error');
    return undefined;
  };
  await expect(at.set.list(setTags, call())).rejects.toBeInstanceOf(TransientCloudError);
});

test('a VM that one listing misses is there when it is asked for by id, and comes back', async () => {
  const at = await world();
  const { id } = await createOne(at.set);
  at.fake.cloud.faults.listLagMs = 3_600_000;
  expect((await at.set.list(setTags, call())).instances).toEqual([]);
  expect(await at.set.describe(id, call())).toMatchObject({ id, lifecycle: 'running' });
  at.fake.cloud.faults.listLagMs = 0;
  expect((await at.set.list(setTags, call())).instances).toMatchObject([{ id }]);
});

test('a VM that takes ten minutes to stop is stopping all the while, neither gone nor hidden', async () => {
  const at = await world({ stopMs: 600_000 });
  const instance = await createOne(at.set);
  await at.set.destroy(instance, call());
  at.clock.jump(500_000);
  expect(await at.set.describe(instance.id, call())).toMatchObject({ lifecycle: 'stopping' });
  expect((await at.set.list(setTags, call())).instances).toMatchObject([{ id: instance.id, lifecycle: 'stopping' }]);
  at.clock.jump(100_000);
  expect(await at.set.describe(instance.id, call())).toBe('gone');
});

test('a spot VM that is taken away stops and is gone', async () => {
  const at = await world({ stopMs: 30_000 });
  const instance = await createOne(at.set, { instanceType: spotType });
  at.fake.cloud.stop(instance.id.split('/')[1] ?? '');
  expect(await at.set.describe(instance.id, call())).toMatchObject({ lifecycle: 'stopping' });
  at.clock.jump(30_000);
  expect(await at.set.describe(instance.id, call())).toBe('gone');
});

test('a VM that has stopped by itself is listed as terminated, and removed with its disk', async () => {
  const at = await world();
  const instance = await createOne(at.set);
  at.fake.cloud.stop(instance.id.split('/')[1] ?? '');
  at.clock.jump(60_000);
  expect((await at.set.list(setTags, call())).instances).toMatchObject([{ id: instance.id, lifecycle: 'terminated' }]);
  await expect.poll(() => at.set.describe(instance.id, call())).toBe('gone');
  expect(at.fake.cloud.all()).toEqual([]);
});

test.each([{ project: 'other-project' }, { zones: ['us-central1-z'] }])(
  '%o: a VM is not called gone because the project or zone is wrong',
  async (params) => {
    const at = await world();
    const { id } = await createOne(at.set);
    const elsewhere = await at.open({ params });
    const asked = 'zones' in params ? id.replace('us-central1-a', 'us-central1-z') : id;
    await expect(elsewhere.describe(asked, call())).rejects.toMatchObject({ code: 'CLOUD_INVALID_REQUEST' });
  },
);
