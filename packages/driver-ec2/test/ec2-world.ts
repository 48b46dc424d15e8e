import { randomBytes } from 'node:crypto';
import type {
  CallOptions,
  CreateRequest,
  CreateResult,
  Instance,
  InstanceSet,
  InstanceType,
  Random,
} from '@drover/spec';
import { FakeEc2, fakeEc2Defaults, type FakeEc2Options, fakeEc2Params } from '@drover/fake-clouds/ec2';
import { SimulatedClock } from '@drover/testkit';
import { expect } from 'vitest';
import { createEc2Driver } from '../src/driver.ts';
import { ec2Params } from '../src/params.ts';

/** A key of the dispatcher; nobody has its private half. */
export const authorizedKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJd4mE2vW0sVvVnJ7mJZk3e9i2m9vU1bq0cVn1f2pQ3r dispatcher@example';

export const { imageId, subnets } = fakeEc2Defaults;

export const instanceType: InstanceType = {
  name: 'small',
  providerType: 'm5.large',
  vcpus: 2,
  ramBytes: 8 * 1024 ** 3,
  scratchBytes: 0,
  includedScratchBytes: 0,
  addedScratchBytes: 0,
  pricePerHour: 0.096,
  preemptible: false,
};

export const setTags = { ArvadosInstanceSetID: 'set-a' };

const random: Random = { next: () => Math.random(), hex: (bytes) => randomBytes(bytes).toString('hex') };

/** Options of a call with a deadline. */
export function call(): CallOptions {
  return { signal: AbortSignal.timeout(30_000) };
}

/** A fake region and what is opened in it. */
export interface Ec2World {
  readonly fake: FakeEc2;
  readonly clock: SimulatedClock;
  /** Opens a set with these parameters beside the usual ones, which `undefined` takes away. */
  open(options?: {
    readonly params?: Readonly<Record<string, unknown>>;
    readonly instanceSetId?: string;
  }): Promise<InstanceSet>;
  /** Closes everything, and proves that no message broke AWS's model. */
  end(): Promise<void>;
}

/** A fresh region. */
export async function newWorld(options: Omit<FakeEc2Options, 'clock'> = {}): Promise<Ec2World> {
  const clock = new SimulatedClock();
  const fake = new FakeEc2({ ...options, clock });
  const endpoint = await fake.listen();
  const sets: InstanceSet[] = [];
  const usual = {
    ...fakeEc2Params,
    endpoint,
    securityGroupIds: fakeEc2Defaults.securityGroupId,
  };
  return {
    fake,
    clock,
    open: async ({ params, instanceSetId = 'set-a' } = {}) => {
      const set = await createEc2Driver().open(ec2Params.parse({ ...usual, ...params }), {
        clock,
        random,
        instanceSetId,
        tagKeyPrefix: 'Arvados',
        instanceTypes: [instanceType],
        stateDirectory: '/nonexistent',
      });
      sets.push(set);
      return set;
    },
    end: async () => {
      for (const set of sets) await set.close();
      await fake.close();
      expect(fake.violations).toEqual([]);
    },
  };
}

/** A request for VMs of the first offering, each with a secret of its own. */
export function request(set: InstanceSet, createId: string, changes: Partial<CreateRequest> = {}): CreateRequest {
  const type = changes.instanceType ?? instanceType;
  const [offering] = set.offerings(type);
  if (offering === undefined) throw new Error('no offering');
  const count = changes.count ?? 1;
  const secrets = Array.from({ length: count }, (_, index) => `${index}`.padStart(40, '0'));
  return {
    createId,
    count,
    instanceType: type,
    offering,
    imageId,
    tags: secrets.map((secret) => ({ ...setTags, ArvadosInstanceSecret: secret })),
    initCommands: secrets.map((secret) => `echo ${secret} >/var/run/secret`),
    authorizedKey,
    ...changes,
  };
}

/** Creates, and gives the VMs that must all be there. */
export async function createVms(
  set: InstanceSet,
  createId: string,
  changes: Partial<CreateRequest> = {},
): Promise<readonly Instance[]> {
  return instancesOf(await set.create(request(set, createId, changes), call()));
}

/** The VMs of results that must all be good. */
export function instancesOf(results: readonly CreateResult[]): readonly Instance[] {
  return results.map((result) => {
    if (!result.ok) throw result.error;
    return result.instance;
  });
}
