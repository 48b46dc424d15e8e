import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { CallOptions, CreateRequest, Instance, InstanceSet, InstanceType, Tags } from '@drover/spec';
import { createEc2Driver } from '../src/driver.ts';
import { type Ec2Params, ec2Params } from '../src/params.ts';
import { openSdkClient } from '../src/sdk-client.ts';
import { realClock } from '@drover/testkit/real-clock';

/** Where moto is; `main.ts` says so. */
export const motoUrl = process.env['DROVER_MOTO_URL'] ?? '';

/** Options of a call with a deadline. moto's first answer takes long on a machine that is busy. */
export function call(): CallOptions {
  return { signal: AbortSignal.timeout(120_000) };
}

/** Something of moto's default region. */
export interface MotoRegion {
  readonly imageId: string;
  readonly subnetIds: readonly string[];
  readonly groupId: string;
}

/** Credentials, and where to send calls to. */
export interface MotoAccess {
  readonly endpoint: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}

/** Parameters for moto. */
export function motoParams(access: MotoAccess, more: Readonly<Record<string, unknown>> = {}): Ec2Params {
  return ec2Params.parse({
    region: 'us-east-1',
    accessKeyId: 'AKIAMOTO',
    secretAccessKey: 'moto',
    ...access,
    ...more,
  });
}

/** An image, the subnets and the security group that moto begins with. */
export async function motoRegion(): Promise<MotoRegion> {
  const api = await openSdkClient(motoParams({ endpoint: motoUrl }));
  const [images, subnets, groups] = await Promise.all([
    api.describeImages({}, call()),
    api.describeSubnets({}, call()),
    api.describeSecurityGroups({}, call()),
  ]);
  api.close();
  const ids = (subnets.Subnets ?? []).flatMap((subnet) => subnet.SubnetId ?? []);
  return {
    imageId: images.Images?.[0]?.ImageId ?? '',
    subnetIds: ids.slice(0, 2),
    groupId: groups.SecurityGroups?.[0]?.GroupId ?? '',
  };
}

/** A fresh instance set's id, so that tests do not see each other's VMs. */
export function newSetId(): string {
  return `moto-${randomBytes(4).toString('hex')}`;
}

/** The tags of a set. */
export function tagsOf(instanceSetId: string): Tags {
  return { ArvadosInstanceSetID: instanceSetId };
}

/** Opens a set. */
export function openSet(params: Ec2Params, instanceSetId: string): Promise<InstanceSet> {
  const random = { next: () => Math.random(), hex: (bytes: number) => randomBytes(bytes).toString('hex') };
  const context = {
    clock: realClock,
    random,
    instanceSetId,
    tagKeyPrefix: 'Arvados',
    instanceTypes: [],
    stateDirectory: '/nonexistent',
  };
  return createEc2Driver().open(params, context);
}

export const instanceType: InstanceType = {
  name: 'small',
  providerType: 'm5.large',
  vcpus: 2,
  ramBytes: 8 * 1024 ** 3,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 5 * 1024 ** 3,
  pricePerHour: 0.096,
  preemptible: false,
};

/** An ED25519 key, in OpenSSH's form. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const field = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]);
  return `ssh-ed25519 ${blob.toString('base64')} dispatcher`;
}

/** A request for VMs of the first offering. */
export function request(
  set: InstanceSet,
  region: MotoRegion,
  changes: Partial<CreateRequest> & Pick<CreateRequest, 'createId'> & { readonly setId: string },
): CreateRequest {
  const { setId, ...rest } = changes;
  const [offering] = set.offerings(instanceType);
  if (offering === undefined) throw new Error('no offering');
  const count = changes.count ?? 1;
  const secrets = Array.from({ length: count }, () => randomBytes(20).toString('hex'));
  return {
    count,
    instanceType,
    offering,
    imageId: region.imageId,
    tags: secrets.map((secret) => ({ ...tagsOf(setId), ArvadosInstanceSecret: secret })),
    initCommands: secrets.map((secret) => `echo ${secret}`),
    authorizedKey: newPublicKey(),
    ...rest,
  };
}

/** Creates VMs that must all come. */
export async function create(set: InstanceSet, wanted: CreateRequest): Promise<readonly Instance[]> {
  return (await set.create(wanted, call())).map((result) => {
    if (!result.ok) throw result.error;
    return result.instance;
  });
}
