import type { FakeAccount } from './account.ts';
import { Ec2Fault } from './ec2-fault.ts';
import { filtered, pageOf } from './filters.ts';
import { keyPair } from './key-pair.ts';
import { dryRun } from './run-instances.ts';
import { textIn, textsIn, type Structure, type Value } from './values.ts';

/** DescribeSubnets. */
export function describeSubnets(account: FakeAccount, input: Structure): Structure {
  const subnets = named(textsIn(input, 'SubnetIds'), account.subnets, 'InvalidSubnetID.NotFound', 'subnet ID');
  return {
    Subnets: subnets.map((subnet) => ({
      SubnetId: subnet.id,
      VpcId: subnet.vpcId,
      State: 'available',
      AvailabilityZone: subnet.zone,
      AvailableIpAddressCount: subnet.freeAddresses,
      CidrBlock: '10.0.0.0/16',
    })),
  };
}

/** DescribeSecurityGroups. */
export function describeSecurityGroups(account: FakeAccount, input: Structure): Structure {
  const groups = new Map(Array.from(account.securityGroups, (id) => [id, id]));
  const found = named(textsIn(input, 'GroupIds'), groups, 'InvalidGroup.NotFound', 'security group');
  const vpcId = 'vpc-0aaaaaaaaaaaaaaa1';
  return { SecurityGroups: found.map((GroupId) => ({ GroupId, GroupName: GroupId, VpcId: vpcId })) };
}

/** DescribeImages. */
export function describeImages(account: FakeAccount, input: Structure): Structure {
  const images = new Map(Array.from(account.images, (id) => [id, id]));
  const found = named(textsIn(input, 'ImageIds'), images, 'InvalidAMIID.NotFound', 'image id');
  return {
    Images: found.map((ImageId) => ({
      ImageId,
      Name: 'image',
      State: 'available',
      Architecture: 'x86_64',
      RootDeviceName: '/dev/xvda',
    })),
  };
}

/** DescribeInstanceTypeOfferings by availability zone. */
export function describeTypeOfferings(account: FakeAccount, input: Structure): Structure {
  const offerings = Array.from(account.types, ([InstanceType, { zones }]) =>
    zones.map((Location) => ({ InstanceType, Location, LocationType: 'availability-zone' })),
  ).flat();
  const wanted = filtered(input, offerings, (offering, name) => {
    if (name === 'instance-type') return [offering.InstanceType];
    return name === 'location' ? [offering.Location] : undefined;
  });
  const { items, nextToken } = pageOf(input, wanted);
  return { InstanceTypeOfferings: items, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
}

/** DescribeSpotPriceHistory: newest first. */
export function describeSpotPrices(account: FakeAccount, input: Structure): Structure {
  const types = textsIn(input, 'InstanceTypes');
  const start: Value | undefined = input['StartTime'];
  const fromMs = start instanceof Date ? start.getTime() : 0;
  const prices = account.spotPrices
    .filter((price) => (types.length === 0 || types.includes(price.type)) && price.atMs >= fromMs)
    .toSorted((a, b) => b.atMs - a.atMs);
  const { items, nextToken } = pageOf(input, prices);
  return {
    SpotPriceHistory: items.map((price) => ({
      InstanceType: price.type,
      AvailabilityZone: price.zone,
      ProductDescription: 'Linux/UNIX',
      SpotPrice: price.price.toFixed(6),
      Timestamp: new Date(price.atMs),
    })),
    NextToken: nextToken ?? '',
  };
}

/** DescribeKeyPairs. */
export function describeKeyPairs(account: FakeAccount, input: Structure): Structure {
  const pairs = filtered(input, [...account.keyPairs.values()], (pair, name) =>
    name === 'fingerprint' ? [pair.fingerprint] : undefined,
  );
  return {
    KeyPairs: pairs.map((pair) => ({ KeyName: pair.name, KeyFingerprint: pair.fingerprint, KeyType: pair.type })),
  };
}

/** ImportKeyPair: the fingerprint is MD5 for RSA keys and SHA-256 for ED25519 ones. */
export function importKeyPair(account: FakeAccount, input: Structure): Structure {
  const name = textIn(input, 'KeyName') ?? '';
  const key = Buffer.from(textIn(input, 'PublicKeyMaterial') ?? '', 'base64').toString('utf8');
  const pair = keyPair(name, key);
  if (pair === undefined || !account.keyTypes.has(pair.type))
    throw new Ec2Fault('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  if (input['DryRun'] === true) throw dryRun();
  if (account.keyPairs.has(name))
    throw new Ec2Fault('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
  account.keyPairs.set(name, pair);
  return { KeyName: name, KeyFingerprint: pair.fingerprint };
}

function named<T>(ids: readonly string[], all: ReadonlyMap<string, T>, code: string, kind: string): readonly T[] {
  const missing = ids.filter((id) => !all.has(id));
  if (missing.length > 0) throw new Ec2Fault(code, `The ${kind} '${missing.join(', ')}' does not exist`);
  return [...all].filter(([id]) => ids.length === 0 || ids.includes(id)).map(([, value]) => value);
}
