import { Ec2Fault } from '@drover/fake-clouds/ec2';
import type { Structure } from '@drover/fake-clouds/ec2';
import { CapacityError, InvalidRequestError } from '@drover/spec';
import { expect, onTestFinished, test } from 'vitest';
import {
  authorizedKey,
  call,
  createVms,
  type Ec2World,
  instanceType,
  newWorld,
  request,
  setTags,
  subnets,
} from './ec2-world.ts';

async function openWorld(options: Parameters<typeof newWorld>[0] = {}): Promise<Ec2World> {
  const world = await newWorld(options);
  onTestFinished(() => world.end());
  return world;
}

function launches({ fake }: Ec2World): readonly Structure[] {
  return fake.calls.filter((seen) => seen.action === 'RunInstances').map((seen) => seen.input);
}

const gib = 1024 ** 3;

test('a batch is one call, and every VM has its own secret from the first listing on', async () => {
  const world = await openWorld();
  const set = await world.open();
  const vms = await createVms(set, 'batch', { count: 20 });
  expect(launches(world)).toHaveLength(1);
  expect(new Set(vms.map((vm) => vm.tags['ArvadosInstanceSecret'])).size).toBe(20);
  const { instances } = await set.list(setTags, call());
  expect(instances.map(({ id, tags }) => ({ id, tags }))).toEqual(vms.map(({ id, tags }) => ({ id, tags })));
  // Nothing was written after the launch: there is no moment at which a crash leaves a VM without its secret.
  expect(world.fake.calls.map((seen) => seen.action)).not.toContain('CreateTags');
});

test('a tag that is set later is the own value of one VM, and the others keep theirs', async () => {
  const world = await openWorld();
  const set = await world.open();
  const [first, second] = await createVms(set, 'batch', { count: 2 });
  if (first === undefined) throw new Error('two were asked for');
  await set.setTags(first, { ArvadosInstanceSecret: 'new' }, call());
  const { instances } = await set.list(setTags, call());
  expect(instances.map((vm) => vm.tags['ArvadosInstanceSecret'])).toEqual([
    'new',
    second?.tags['ArvadosInstanceSecret'],
  ]);
});

test('what does not fit into one call goes into several, the same ones each time', async () => {
  const world = await openWorld();
  const set = await world.open();
  const longTags = Array.from({ length: 60 }, (_, n) => ({ ...setTags, Long: `${n}`.padEnd(200, 'x') }));
  const wanted = { count: 60, tags: longTags };
  const first = await createVms(set, 'large', { ...wanted, initCommands: longTags.map((_, n) => `echo ${n}`) });
  const calls = launches(world).length;
  expect(calls).toBeGreaterThan(1);
  expect(calls).toBeLessThan(8);
  const again = await createVms(await world.open(), 'large', {
    ...wanted,
    initCommands: longTags.map((_, n) => `echo ${n}`),
  });
  expect(again.map((vm) => vm.id)).toEqual(first.map((vm) => vm.id));
  expect(again.map((vm) => vm.tags['Long'])).toEqual(longTags.map((tags) => tags.Long));
});

test('everything that a launch asks for', async () => {
  const world = await openWorld();
  const profile = 'arn:aws:iam::123456789012:instance-profile/worker';
  const set = await world.open({
    params: { iamInstanceProfile: profile, ebsType: 'gp3', associatePublicIpAddress: true },
  });
  await createVms(set, 'full', { instanceType: { ...instanceType, addedScratchBytes: 10 * gib + 1 } });
  expect(launches(world)[0]).toMatchObject({
    MinCount: 1,
    MaxCount: 1,
    ImageId: 'ami-0123456789abcdef0',
    InstanceType: 'm5.large',
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    IamInstanceProfile: { Arn: profile },
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        DeleteOnTermination: true,
        AssociatePublicIpAddress: true,
        SubnetId: subnets.a,
        Groups: ['sg-0123456789abcdef0'],
      },
    ],
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvdt',
        Ebs: { VolumeSize: 11, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
      },
    ],
    TagSpecifications: [
      { ResourceType: 'instance' },
      { ResourceType: 'volume', Tags: expect.arrayContaining([{ Key: 'ArvadosInstanceSetID', Value: 'set-a' }]) },
      { ResourceType: 'network-interface' },
    ],
  });
  expect(launches(world)[0]).not.toHaveProperty('InstanceMarketOptions');
});

test('a spot VM costs at most its configured price, unless that is switched off', async () => {
  const world = await openWorld();
  const spot = { ...instanceType, name: 'spot', preemptible: true, pricePerHour: 0.05 };
  world.fake.account.spotPrices = [{ type: 'm5.large', zone: 'us-east-1a', price: 0.06, atMs: 0 }];
  const set = await world.open();
  expect(set.offerings(spot)).toMatchObject([{ id: `spot@${subnets.a}+spot`, preemptible: true, pricePerHour: 0.05 }]);
  await expect(createVms(set, 'dear', { instanceType: spot })).rejects.toMatchObject({ code: 'CLOUD_CAPACITY' });
  await createVms(await world.open({ params: { spotMaxPrice: false } }), 'any price', { instanceType: spot });
  const options = { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' };
  expect(launches(world).map((input) => input['InstanceMarketOptions'])).toEqual([
    { MarketType: 'spot', SpotOptions: { ...options, MaxPrice: '0.05' } },
    { MarketType: 'spot', SpotOptions: options },
  ]);
});

test('each subnet is an offering, and a zone without room rules out its own only', async () => {
  const world = await openWorld();
  const set = await world.open({ params: { subnetId: Object.values(subnets) } });
  const offerings = set.offerings(instanceType);
  expect(offerings.map((offering) => offering.zone)).toEqual(Object.values(subnets));
  world.fake.account.capacity.set(`m5.large/${subnets.a}`, 0);
  const error: unknown = await createVms(set, 'a').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CapacityError);
  expect(error).toMatchObject({ scope: 'offering' });
  const [, other] = offerings;
  if (other === undefined) throw new Error('two subnets were named');
  const [vm] = await createVms(set, 'b', { offering: other });
  expect(vm?.zone).toBe('us-east-1b');
});

test('without a subnet the default VPC is used', async () => {
  const world = await openWorld();
  const set = await world.open({ params: { subnetId: undefined } });
  await createVms(set, 'anywhere');
  expect(launches(world)[0]).toMatchObject({ NetworkInterfaces: [{ DeviceIndex: 0 }] });
  expect(JSON.stringify(launches(world)[0])).not.toContain('subnet-');
});

test('the answer of a create is lost, and its repetition too: found by its token, nothing made twice', async () => {
  const world = await openWorld();
  const set = await world.open();
  world.fake.faults.add({ action: 'RunInstances', reply: 'done-then-reset' });
  const vms = await createVms(set, 'lost', { count: 3 });
  expect(world.fake.fleet.all.map((vm) => vm.id)).toEqual(vms.map((vm) => vm.id));
  expect(vms.map((vm) => vm.tags['ArvadosInstanceSecret'])).toEqual(['0', '1', '2'].map((n) => n.padStart(40, '0')));
  expect(launches(world)).toHaveLength(2);
});

test('a request that EC2 cannot take is refused before it is sent, and the setting is named', async () => {
  const world = await openWorld();
  const set = await world.open();
  const refusals = [
    [{ initCommands: ['x'.repeat(17_000)] }, 'pool.instanceInitCommand'],
    [{ tags: [{ ...setTags, Note: 'x'.repeat(257) }] }, 'pool.resourceTags'],
    [{ tags: [Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, 'v']))] }, 'pool.resourceTags'],
    [{ authorizedKey: 'ecdsa-sha2-nistp256 AAAA someone' }, 'ssh.privateKey'],
    [{ instanceType: { ...instanceType, providerType: 'large' } }, 'providerType'],
  ] as const;
  for (const [changes, setting] of refusals) {
    const error: unknown = await createVms(set, 'bad', changes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ fix: expect.stringContaining(setting) });
  }
  expect(launches(world)).toEqual([]);
});

test('an image, a subnet, a group or a permission that is missing: the error names the setting', async () => {
  const world = await openWorld();
  const set = await world.open();
  const { account, fleet } = world.fake;
  const fixOf = async (open = set): Promise<unknown> =>
    Object(await createVms(open, 'bad').catch((thrown: unknown) => thrown))['fix'];
  account.allowedActions = new Set(['DescribeKeyPairs', 'ImportKeyPair']);
  expect(await fixOf()).toContain('drover driver permissions ec2');
  account.allowedActions = undefined;
  account.securityGroups.clear();
  expect(await fixOf()).toContain('driver.securityGroupIds');
  account.subnets.clear();
  expect(await fixOf()).toContain('driver.subnetId');
  account.images.clear();
  expect(await fixOf()).toContain('pool.imageId');
  expect(await fixOf(await world.open({ params: { region: 'eu-west-1' } }))).toContain('driver.region');
  expect(fleet.all).toEqual([]);
});

test('the key pair is found under whatever name, or imported once, also by creates at the same time', async () => {
  const world = await openWorld();
  const set = await world.open();
  await Promise.all([createVms(set, 'one'), createVms(set, 'two'), createVms(set, 'three')]);
  const actions = world.fake.calls.map((seen) => seen.action);
  expect(actions.filter((action) => action === 'DescribeKeyPairs')).toHaveLength(1);
  expect(actions.filter((action) => action === 'ImportKeyPair')).toHaveLength(1);
  await createVms(await world.open({ params: { keyPairPrefix: 'other' } }), 'four');
  expect(world.fake.account.keyPairs.size).toBe(1);
});

test('a key pair that somebody deleted is imported again', async () => {
  const world = await openWorld();
  const set = await world.open();
  await createVms(set, 'one');
  world.fake.account.keyPairs.clear();
  await createVms(set, 'two');
  expect(world.fake.account.keyPairs.size).toBe(1);
});

test('another dispatcher imports the same key first: its pair is taken', async () => {
  const world = await openWorld();
  const set = await world.open();
  world.fake.faults.add({
    action: 'ImportKeyPair',
    reply: new Ec2Fault('InvalidKeyPair.Duplicate', 'The keypair already exists.'),
  });
  // The name was taken between the look and the import; here it is still missing, so that the launch tells.
  await expect(createVms(set, 'one')).rejects.toMatchObject({ code: 'CLOUD_INVALID_REQUEST' });
  world.fake.faults.heal();
  await createVms(set, 'one');
});

test('an RSA key is found by its MD5 fingerprint', async () => {
  const world = await openWorld();
  const rsa = `ssh-rsa ${Buffer.from('rsa key of the dispatcher').toString('base64')} dispatcher`;
  await createVms(await world.open(), 'one', { authorizedKey: rsa });
  await createVms(await world.open(), 'two', { authorizedKey: rsa });
  expect([...world.fake.account.keyPairs.values()]).toMatchObject([{ type: 'rsa' }]);
  await createVms(await world.open(), 'three', { authorizedKey: '' });
  expect(launches(world).at(-1)).not.toHaveProperty('KeyName');
  expect(authorizedKey).not.toBe(rsa);
});

test('starts are counted by subnet and outcome, from zero on', async () => {
  const world = await openWorld();
  const set = await world.open({ params: { subnetId: Object.values(subnets) } });
  const read = (): Record<string, number> =>
    Object.fromEntries(
      (set.metrics?.() ?? []).map(({ name, labels, value }) => [
        `${name} ${labels['subnet_id']?.slice(-1)}${labels['success'] ?? ''}`,
        value,
      ]),
    );
  expect(Object.values(read())).toEqual([0, 0, 0, 0, 0, 0]);
  world.fake.account.capacity.set(`m5.large/${subnets.a}`, 2);
  await set.create(request(set, 'some', { count: 5 }), call());
  await set.list(setTags, call());
  expect(read()).toEqual({
    'ec2_instances 1': 2,
    'ec2_instances 2': 0,
    'ec2_instance_starts_total 11': 2,
    'ec2_instance_starts_total 10': 3,
    'ec2_instance_starts_total 21': 0,
    'ec2_instance_starts_total 20': 0,
  });
});
