import { Ec2Fault } from '@drover/fake-clouds/ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import {
  call,
  create,
  instanceType,
  motoParams,
  type MotoRegion,
  motoRegion,
  motoUrl,
  newSetId,
  openSet,
  request,
  tagsOf,
} from './moto-world.ts';

let proxy: FaultProxy;
let region: MotoRegion;

beforeAll(async () => {
  proxy = await startFaultProxy(motoUrl);
  region = await motoRegion();
});
afterAll(() => proxy.close());

function params(): ReturnType<typeof motoParams> {
  const { subnetIds, groupId } = region;
  return motoParams({ endpoint: proxy.url }, { subnetId: [...subnetIds], securityGroupIds: groupId });
}

test('the life of a batch', async () => {
  const setId = newSetId();
  const set = await openSet(params(), setId);
  const wanted = request(set, region, { createId: newSetId(), setId, count: 3 });
  const vms = await create(set, wanted);
  const { instances } = await set.list(tagsOf(setId), call());
  const secretsOf = (all: readonly { readonly [key: string]: string }[]): ReadonlySet<string> =>
    new Set(all.map((tags) => tags['ArvadosInstanceSecret'] ?? ''));
  expect(secretsOf(instances.map((vm) => vm.tags))).toEqual(secretsOf(wanted.tags));
  expect(instances).toHaveLength(3);
  const [first] = vms;
  if (first === undefined) throw new Error('three were asked for');
  await set.setTags(first, { ArvadosIdleBehavior: 'hold' }, call());
  expect(await set.describe(first.id, call())).toMatchObject({
    id: first.id,
    providerType: instanceType.providerType,
    lifecycle: 'running',
    tags: { ...wanted.tags[0], ArvadosIdleBehavior: 'hold' },
    address: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
  });
  for (const vm of vms) await set.destroy(vm, call());
  for (const vm of vms) expect(await set.describe(vm.id, call())).toMatchObject({ lifecycle: 'terminated' });
  expect(await set.describe('i-0fedcba9876543210', call())).toBe('gone');
  await set.close();
});

test('throttled, without room, and then as if nothing had been', async () => {
  const setId = newSetId();
  const set = await openSet(params(), setId);
  const wanted = request(set, region, { createId: newSetId(), setId });
  proxy.add('RunInstances', new Ec2Fault('RequestLimitExceeded', 'Request limit exceeded.', 503), 1);
  await expect(create(set, wanted)).rejects.toMatchObject({ code: 'CLOUD_RATE_LIMIT' });
  proxy.add('RunInstances', new Ec2Fault('InsufficientInstanceCapacity', 'no capacity', 500), 1);
  await expect(create(set, wanted)).rejects.toMatchObject({ code: 'CLOUD_CAPACITY', scope: 'offering' });
  expect(await create(set, wanted)).toHaveLength(1);
  expect((await set.list(tagsOf(setId), call())).instances).toHaveLength(1);
  await set.close();
});

test('the answer of a launch is lost: one VM', async () => {
  const setId = newSetId();
  const set = await openSet(params(), setId);
  proxy.add('RunInstances', 'done-then-reset', 1);
  const [vm] = await create(set, request(set, region, { createId: newSetId(), setId }));
  expect((await set.list(tagsOf(setId), call())).instances.map((instance) => instance.id)).toEqual([vm?.id]);
  await set.close();
});

test('a VM that is not shown yet is not gone', async () => {
  const setId = newSetId();
  const set = await openSet(params(), setId);
  const [vm] = await create(set, request(set, region, { createId: newSetId(), setId }));
  const late = new Ec2Fault('InvalidInstanceID.NotFound', `The instance ID '${vm?.id}' does not exist`);
  proxy.add('DescribeInstances', late, 1);
  await expect(set.describe(vm?.id ?? '', call())).rejects.toMatchObject({ code: 'CLOUD_TRANSIENT' });
  expect(await set.describe(vm?.id ?? '', call())).toMatchObject({ id: vm?.id });
  await set.close();
});
