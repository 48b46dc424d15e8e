import { parsePolicy } from '@drover/fake-clouds/ec2';
import { expect, onTestFinished, test } from 'vitest';
import { ec2Params } from '../src/params.ts';
import { permissionPolicy } from '../src/permissions.ts';
import {
  authorizedKey,
  call,
  createVms,
  type Ec2World,
  imageId,
  instanceType,
  newWorld,
  setTags,
  subnets,
} from './ec2-world.ts';

/** A region whose credentials have the printed policy of the set `set-a`, or of one that is configured otherwise. */
async function confined(params: Readonly<Record<string, unknown>> = {}): Promise<Ec2World> {
  const world = await newWorld({ delays: { bootMs: 0, consoleMs: 0 } });
  onTestFinished(() => world.end());
  const usual = { region: 'us-east-1', subnetId: subnets.a, securityGroupIds: 'sg-0123456789abcdef0' };
  const context = { instanceSetId: 'set-a', tagKeyPrefix: 'Arvados' };
  world.fake.account.policy = parsePolicy(permissionPolicy(ec2Params.parse({ ...usual, ...params }), context).document);
  return world;
}

const spot = { ...instanceType, preemptible: true, addedScratchBytes: 5 * 1024 ** 3 };
const refused = { code: 'CLOUD_AUTH' };

/** Does everything that the driver does, as far as it is let; gives the calls that were refused. */
async function wholeLife(world: Ec2World): Promise<ReadonlySet<string>> {
  const set = await world.open();
  const errors: unknown[] = [];
  const attempt = async (work: Promise<unknown> | undefined): Promise<void> => {
    await work?.catch((error: unknown) => errors.push(error));
  };
  await attempt(createVms(set, 'create-1', { count: 3 }));
  await attempt(createVms(set, 'create-2', { instanceType: spot }));
  const listing = await set.list(setTags, call()).catch(() => undefined);
  for (const vm of listing?.instances ?? []) {
    await attempt(set.describe(vm.id, call()));
    await attempt(set.setTags(vm, { ArvadosIdleBehavior: 'hold' }, call()));
    await attempt(set.hostKeys?.(vm.id, call()));
    await attempt(set.destroy(vm, call()));
  }
  await set.preflight?.({ instanceTypes: [instanceType], imageId, authorizedKey }, call());
  expect(errors.filter((error) => Object(error)['code'] !== refused.code)).toEqual([]);
  return new Set(world.fake.calls.filter(({ answer }) => answer === 'UnauthorizedOperation').map((c) => c.action));
}

test('the printed policy, resources and conditions too, is enough for everything', async () => {
  const world = await confined();
  expect(await wholeLife(world)).toEqual(new Set());
  expect(world.fake.fleet.all.map((vm) => vm.ending !== undefined)).toEqual([true, true, true, true]);
});

test.each([
  ['Look', 'DescribeInstances'],
  ['LaunchFrom', 'RunInstances'],
  ['LaunchWithTag', 'RunInstances'],
  ['TagAtLaunch', 'RunInstances'],
  ['OwnInstances', 'TerminateInstances'],
  ['KeyPair', 'ImportKeyPair'],
])('without its statement %s, %s is refused', async (sid, action) => {
  const world = await confined();
  const { policy } = world.fake.account;
  if (policy === undefined) throw new Error('there is a policy');
  // What is to be ended must be there; listings are not what is tried.
  if (sid === 'OwnInstances') await createVms(await world.open(), 'before');
  world.fake.account.policy = { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== sid) };
  expect(await wholeLife(world)).toContain(action);
});

test("another dispatcher's VMs can be neither ended nor tagged nor read", async () => {
  const world = await confined();
  const own = world.fake.account.policy;
  world.fake.account.policy = undefined;
  const [theirs] = await createVms(await world.open({ instanceSetId: 'set-b' }), 'create-b', {
    tags: [{ ArvadosInstanceSetID: 'set-b', ArvadosInstanceSecret: 'b' }],
  });
  world.fake.account.policy = own;
  if (theirs === undefined) throw new Error('one was asked for');
  const set = await world.open();
  await expect(set.destroy(theirs, call())).rejects.toMatchObject(refused);
  await expect(set.setTags(theirs, setTags, call())).rejects.toMatchObject(refused);
  await expect(set.hostKeys?.(theirs.id, call())).rejects.toMatchObject(refused);
  expect(world.fake.fleet.get(theirs.id)?.tags.get('ArvadosInstanceSetID')).toBe('set-b');
  expect(world.fake.fleet.all.map((vm) => world.fake.fleet.state(vm))).toEqual(['running']);
});

test('nothing is launched under the mark of another set, or without one', async () => {
  const world = await confined();
  const set = await world.open();
  for (const [createId, tags] of [
    ['of-another', { ArvadosInstanceSetID: 'set-b' }],
    ['of-nobody', { owner: 'me' }],
  ] as const)
    await expect(createVms(set, createId, { tags: [tags] })).rejects.toMatchObject(refused);
  expect(world.fake.fleet.all).toEqual([]);
});

test('nothing is launched in a subnet, or with a security group, that the settings do not name', async () => {
  const world = await confined();
  world.fake.account.securityGroups.add('sg-0fedcba9876543210');
  await expect(createVms(await world.open({ params: { subnetId: subnets.b } }), 'elsewhere')).rejects.toMatchObject(
    refused,
  );
  const wider = await world.open({ params: { securityGroupIds: 'sg-0fedcba9876543210' } });
  await expect(createVms(wider, 'wider')).rejects.toMatchObject(refused);
  expect(world.fake.fleet.all).toEqual([]);
});

test('no key pair is imported under a name that is not its own', async () => {
  const world = await confined({ keyPairPrefix: 'site-a' });
  const set = await world.open({ params: { keyPairPrefix: 'site-b' } });
  await expect(createVms(set, 'create-1')).rejects.toMatchObject(refused);
  expect([...world.fake.account.keyPairs]).toEqual([]);
});
