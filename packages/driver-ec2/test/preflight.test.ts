import type { CheckResult } from '@drover/spec';
import { expect, onTestFinished, test } from 'vitest';
import { authorizedKey, call, type Ec2World, imageId, instanceType, newWorld, subnets } from './ec2-world.ts';

async function openWorld(): Promise<Ec2World> {
  const world = await newWorld();
  onTestFinished(() => world.end());
  return world;
}

async function check(
  world: Ec2World,
  params: Readonly<Record<string, unknown>> = {},
  key = authorizedKey,
): Promise<readonly CheckResult[]> {
  const set = await world.open({ params });
  const request = { instanceTypes: [instanceType], imageId, authorizedKey: key };
  return (await set.preflight?.(request, call())) ?? [];
}

function bad(results: readonly CheckResult[]): readonly string[] {
  return results
    .filter((result) => result.outcome === 'failed' || result.outcome === 'warning')
    .map((result) => `${result.outcome} ${result.subject} ${result.setting ?? ''}`);
}

test('all is well: every subject is looked at, and nothing is made', async () => {
  const world = await openWorld();
  const results = await check(world);
  expect(bad(results)).toEqual([]);
  expect(new Set(results.map((result) => result.subject))).toEqual(
    new Set(['credentials', 'clock', 'network', 'image', 'key', 'types', 'permissions', 'quota']),
  );
  expect(world.fake.fleet.all).toEqual([]);
  expect(world.fake.account.keyPairs.size).toBe(0);
});

test('credentials that AWS does not take', async () => {
  const world = await openWorld();
  world.fake.account.accessKeyIds.clear();
  const results = await check(world);
  expect(bad(results)).toEqual(['failed credentials driver.accessKeyId']);
  expect(results.map((result) => result.outcome)).toContain('skipped');
});

test('a permission that is missing', async () => {
  const world = await openWorld();
  const { account } = world.fake;
  const describes = ['Instances', 'Images', 'Subnets', 'SecurityGroups', 'KeyPairs', 'InstanceTypeOfferings'];
  account.allowedActions = new Set(describes.map((what) => `Describe${what}`));
  const results = await check(world);
  expect(bad(results)).toEqual(['failed permissions ssh.privateKey', 'failed permissions driver']);
  const fix: unknown = expect.stringContaining('drover driver permissions ec2');
  expect(results.filter((result) => result.outcome === 'failed')).toMatchObject([{ fix }, { fix }]);
});

test('image, subnets, group, key and types that are not there are all found at once', async () => {
  const world = await openWorld();
  const { account } = world.fake;
  account.images.clear();
  account.securityGroups.clear();
  account.types.delete('m5.large');
  const results = await check(world, { subnetId: 'subnet-0ccccccccccccccc3' }, 'ecdsa-sha2-nistp256 AAAA');
  expect(new Set(bad(results))).toEqual(
    new Set([
      'failed network driver.subnetId',
      'failed network driver.securityGroupIds',
      'failed image pool.imageId',
      'failed key ssh.privateKey',
      'failed types instanceTypes',
      'failed permissions pool.imageId',
    ]),
  );
});

test('a subnet that is nearly full, a type that one zone lacks, a clock that is off', async () => {
  const world = await openWorld();
  const { account } = world.fake;
  account.types.set('m5.large', { vcpus: 2, zones: ['us-east-1a'] });
  const crowded = account.subnets.get(subnets.b);
  if (crowded !== undefined) crowded.freeAddresses = 3;
  account.clockOffsetMs = -90_000;
  expect(bad(await check(world, { subnetId: Object.values(subnets) }))).toEqual([
    'warning clock ',
    'warning network driver.subnetId',
    'warning types instanceTypes',
  ]);
  account.clockOffsetMs = 600_000;
  if (crowded !== undefined) crowded.freeAddresses = 0;
  expect(bad(await check(world, { subnetId: Object.values(subnets) })).slice(0, 2)).toEqual([
    'failed clock ',
    'failed network driver.subnetId',
  ]);
});

test('a key that is in the account is named', async () => {
  const world = await openWorld();
  const { keyPair } = await import('@drover/fake-clouds/ec2');
  const pair = keyPair('ours', authorizedKey);
  if (pair !== undefined) world.fake.account.keyPairs.set('ours', pair);
  const key = (await check(world)).find((result) => result.subject === 'key');
  expect(key).toEqual({ subject: 'key', outcome: 'ok', message: 'The key is in the account as ours.' });
});
