import type { Clock } from '@drover/spec';
import type { StartSshHost } from '../ssh-host.ts';
import { fakeEc2Defaults } from './ec2-defaults.ts';
import type { Policy } from './policy.ts';

/** A subnet; its free addresses shrink as VMs come. */
export interface FakeSubnet {
  readonly id: string;
  readonly zone: string;
  readonly vpcId: string;
  freeAddresses: number;
}

/** A key pair as the account keeps it. */
export interface FakeKeyPair {
  readonly name: string;
  readonly fingerprint: string;
  readonly type: 'rsa' | 'ed25519';
}

/** An instance type of the region. */
export interface FakeType {
  readonly vcpus: number;
  /** Zones that have it. */
  readonly zones: readonly string[];
}

/** One step of a spot price. */
export interface FakeSpotPrice {
  readonly type: string;
  readonly zone: string;
  readonly price: number;
  readonly atMs: number;
}

/** Delays of the cloud, in milliseconds of its clock. */
export interface FakeDelays {
  /** From accepted to running. */
  readonly bootMs: number;
  /** From terminated by the caller to terminated. */
  readonly shutdownMs: number;
  /** How long listings miss a new VM. */
  readonly listedAfterMs: number;
  /** How long calls that name it do not know a new VM. */
  readonly knownAfterMs: number;
  /** How long a terminated VM is still shown; about an hour with AWS. */
  readonly terminatedVisibleMs: number;
  /** How long it takes until the console has the host keys. */
  readonly consoleMs: number;
}

/** What an account and its region have, and what tests change. */
export interface FakeAccount {
  readonly clock: Clock;
  readonly delays: FakeDelays;
  readonly region: string;
  readonly subnets: Map<string, FakeSubnet>;
  readonly images: Set<string>;
  readonly securityGroups: Set<string>;
  readonly types: Map<string, FakeType>;
  readonly keyPairs: Map<string, FakeKeyPair>;
  spotPrices: readonly FakeSpotPrice[];
  /** Credentials that are good: access key ids. */
  readonly accessKeyIds: Set<string>;
  /** API actions that the credentials may use; undefined: all. */
  allowedActions: ReadonlySet<string> | undefined;
  /** What the credentials may do to which resources under which conditions; undefined: everything. */
  policy: Policy | undefined;
  /** How many more VMs a subnet can have of a type: `<type>/<subnet>`; absent: enough. */
  readonly capacity: Map<string, number>;
  /** vCPUs that may run at once; spot apart. */
  vcpuQuota: number;
  spotVcpuQuota: number;
  /** The cloud's wall clock minus `clock.wallMs()`. */
  clockOffsetMs: number;
  /** Accepted launches end like this instead of running. */
  launchesFail: { readonly code: string; readonly message: string } | undefined;
  /** Starts what answers SSH inside each new VM; undefined: VMs are on no network. */
  startHost: StartSshHost | undefined;
  /** Key types that importing takes. */
  keyTypes: ReadonlySet<string>;
}

/** An account with two subnets in two zones, one image, one security group, and a few instance types. */
export function newAccount(clock: Clock, delays: FakeDelays): FakeAccount {
  const zones = ['us-east-1a', 'us-east-1b'];
  const subnet = (id: string, zone: string): [string, FakeSubnet] => [
    id,
    { id, zone, vpcId: 'vpc-0aaaaaaaaaaaaaaa1', freeAddresses: 65_000 },
  ];
  return {
    clock,
    delays,
    region: fakeEc2Defaults.region,
    subnets: new Map([
      subnet(fakeEc2Defaults.subnets.a, 'us-east-1a'),
      subnet(fakeEc2Defaults.subnets.b, 'us-east-1b'),
    ]),
    images: new Set([fakeEc2Defaults.imageId]),
    securityGroups: new Set([fakeEc2Defaults.securityGroupId]),
    types: new Map([
      ['m5.large', { vcpus: 2, zones }],
      ['c5.xlarge', { vcpus: 4, zones }],
      ['p5.48xlarge', { vcpus: 192, zones: ['us-east-1a'] }],
    ]),
    keyPairs: new Map(),
    spotPrices: [],
    accessKeyIds: new Set([fakeEc2Defaults.accessKeyId]),
    allowedActions: undefined,
    policy: undefined,
    capacity: new Map(),
    vcpuQuota: 100_000,
    spotVcpuQuota: 100_000,
    clockOffsetMs: 0,
    launchesFail: undefined,
    startHost: undefined,
    keyTypes: new Set(['rsa', 'ed25519']),
  };
}
