import type { Clock } from '@drover/spec';
import type { StartSshHost } from '../ssh-host.ts';

/** A VM size as the region offers it. */
export interface FakeSize {
  readonly vcpus: number;
  /** Quota family as Azure names it, e.g. `standardDSv3Family`. */
  readonly family: string;
  readonly zones: readonly string[];
  /** Why Azure does not sell it to this subscription, if it does not. */
  readonly restricted?: boolean;
}

/** What the fake has, and how slow it is. Times in milliseconds of the clock. */
export interface FakeAzureOptions {
  readonly clock: Clock;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** The first is where VMs go; images and networks may be in others. */
  readonly resourceGroups: readonly string[];
  readonly location: string;
  /** From the accepted create to `Succeeded`; Azure takes 20 to 60 s. */
  readonly bootMs: number;
  readonly deleteMs: number;
  /** Starts what answers SSH inside each new VM; undefined: VMs are on no network. */
  readonly startHost: StartSshHost | undefined;
  /** How long a listing lacks a VM that is new. */
  readonly listLagMs: number;
  readonly pageSize: number;
  readonly sizes: Readonly<Record<string, FakeSize>>;
  /** Cores by quota name: families, `cores` and `lowPriorityCores`. */
  readonly quotas: Readonly<Record<string, number>>;
  /** Free addresses by `network/subnet`; the networks are in the last resource group. */
  readonly subnets: Readonly<Record<string, number>>;
  /** Ids of managed images and gallery versions, and marketplace images as `publisher:offer:sku:version`. */
  readonly images: readonly string[];
  /** Bearer tokens that are accepted. */
  readonly tokens: readonly string[];
  /** What the caller may do in the resource groups. */
  readonly actions: readonly string[];
  /** Client secrets by client id. */
  readonly clientSecrets: Readonly<Record<string, { readonly secret: string; readonly expired?: boolean }>>;
}

const subscriptionId = '11111111-2222-3333-4444-555555555555';
const threeZones = ['1', '2', '3'];

/** A small region with room; a `clock` has to be given. */
export const fakeAzureDefaults: Omit<FakeAzureOptions, 'clock'> = {
  subscriptionId,
  tenantId: '66666666-7777-8888-9999-000000000000',
  resourceGroups: ['vms', 'images', 'networks'],
  location: 'centralus',
  bootMs: 30_000,
  deleteMs: 20_000,
  startHost: undefined,
  listLagMs: 2_000,
  pageSize: 2,
  sizes: {
    Standard_D2s_v3: { vcpus: 2, family: 'standardDSv3Family', zones: threeZones },
    Standard_D4s_v3: { vcpus: 4, family: 'standardDSv3Family', zones: threeZones },
    Standard_E8ds_v5: { vcpus: 8, family: 'standardEDSv5Family', zones: ['1', '3'] },
    Standard_NC24ads_A100_v4: { vcpus: 24, family: 'StandardNCADSA100v4Family', zones: [], restricted: true },
  },
  quotas: {
    standardDSv3Family: 40,
    standardEDSv5Family: 40,
    StandardNCADSA100v4Family: 0,
    cores: 60,
    lowPriorityCores: 20,
  },
  subnets: { 'pool/workers': 250, 'pool/tiny': 0 },
  images: [
    `/subscriptions/${subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/images/worker`,
    `/subscriptions/${subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/galleries/shared/images/worker/versions/1.2.3`,
    'Canonical:ubuntu-24_04-lts:server:latest',
  ],
  tokens: ['token-of-the-fake'],
  actions: ['*'],
  clientSecrets: {},
};

/** Parameters of a driver that fit the fake; endpoint and credentials come with each fake. */
export const fakeAzureParams = {
  subscriptionId: fakeAzureDefaults.subscriptionId,
  resourceGroup: 'vms',
  imageResourceGroup: 'images',
  networkResourceGroup: 'networks',
  network: 'pool',
  subnet: 'workers',
};
