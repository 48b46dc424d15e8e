import type { CallOptions } from '@drover/spec';

/** An SDK call answers with a list whose first entry counts; what is in it is parsed, never believed. */
type SdkAnswer = Promise<readonly unknown[]>;

/** What goes with every call. `retry: null` switches the SDK's own retries off: the pool's throttle decides. */
export interface SdkCallOptions extends CallOptions {
  readonly retry: null;
  readonly autoPaginate: false;
}

interface InZone {
  readonly project: string;
  readonly zone: string;
}

interface OneInstance extends InZone {
  readonly instance: string;
}

/** Fields of an instance that the driver sets, as in the API; 64-bit numbers as text. Lists are ones that the SDK may keep. */
export interface InstanceResource {
  readonly name: string;
  readonly machineType: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly disks: DiskResource[];
  readonly networkInterfaces: {
    readonly network?: string;
    readonly subnetwork?: string;
    readonly accessConfigs?: { readonly name: string; readonly type: 'ONE_TO_ONE_NAT' }[];
  }[];
  readonly serviceAccounts?: { readonly email: string; readonly scopes: string[] }[];
  readonly tags?: { readonly items: string[] };
  readonly metadata: { readonly items: MetadataItem[] };
  readonly scheduling: {
    readonly automaticRestart: false;
    readonly onHostMaintenance?: 'TERMINATE';
    readonly provisioningModel?: 'SPOT';
    readonly instanceTerminationAction?: 'DELETE';
  };
}

/** A disk of a new instance. */
export interface DiskResource {
  readonly boot: boolean;
  readonly autoDelete: true;
  readonly type: 'PERSISTENT' | 'SCRATCH';
  readonly interface?: 'NVME';
  readonly deviceName?: string;
  readonly initializeParams: {
    readonly sourceImage?: string;
    readonly diskName?: string;
    readonly diskType: string;
    readonly diskSizeGb?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** One item of an instance's metadata. */
export interface MetadataItem {
  readonly key: string;
  readonly value: string;
}

/** The calls of the SDK's clients that the driver makes, and no more. */
export interface GceSdk {
  readonly instances: {
    insert(
      request: InZone & { readonly requestId: string; readonly instanceResource: InstanceResource },
      options: SdkCallOptions,
    ): SdkAnswer;
    get(request: OneInstance, options: SdkCallOptions): SdkAnswer;
    list(
      request: InZone & { readonly filter: string; readonly maxResults: number; readonly pageToken?: string },
      options: SdkCallOptions,
    ): SdkAnswer;
    delete(request: OneInstance, options: SdkCallOptions): SdkAnswer;
    setLabels(
      request: OneInstance & {
        readonly instancesSetLabelsRequestResource: {
          readonly labelFingerprint: string;
          readonly labels: Readonly<Record<string, string>>;
        };
      },
      options: SdkCallOptions,
    ): SdkAnswer;
    setMetadata(
      request: OneInstance & {
        readonly metadataResource: { readonly fingerprint: string; readonly items: MetadataItem[] };
      },
      options: SdkCallOptions,
    ): SdkAnswer;
    getGuestAttributes(request: OneInstance & { readonly queryPath: string }, options: SdkCallOptions): SdkAnswer;
  };
  readonly operations: {
    wait(request: InZone & { readonly operation: string }, options: SdkCallOptions): SdkAnswer;
  };
  close(): Promise<void>;
}

/** The further calls that preflight makes; their clients are loaded for it alone. */
export interface GcePreflightSdk {
  readonly projects: { get(request: { readonly project: string }, options: SdkCallOptions): SdkAnswer };
  readonly regions: {
    get(request: { readonly project: string; readonly region: string }, options: SdkCallOptions): SdkAnswer;
  };
  readonly images: {
    get(request: { readonly project: string; readonly image: string }, options: SdkCallOptions): SdkAnswer;
    getFromFamily(request: { readonly project: string; readonly family: string }, options: SdkCallOptions): SdkAnswer;
  };
  readonly subnetworks: {
    get(
      request: { readonly project: string; readonly region: string; readonly subnetwork: string },
      options: SdkCallOptions,
    ): SdkAnswer;
    testIamPermissions(
      request: {
        readonly project: string;
        readonly region: string;
        readonly resource: string;
        readonly testPermissionsRequestResource: { readonly permissions: string[] };
      },
      options: SdkCallOptions,
    ): SdkAnswer;
  };
  readonly instances: {
    testIamPermissions(
      request: {
        readonly project: string;
        readonly zone: string;
        readonly resource: string;
        readonly testPermissionsRequestResource: { readonly permissions: string[] };
      },
      options: SdkCallOptions,
    ): SdkAnswer;
  };
  readonly machineTypes: {
    get(request: InZone & { readonly machineType: string }, options: SdkCallOptions): SdkAnswer;
  };
  /** How far this machine's clock was ahead of Google's at the last answer; undefined when none had a date. */
  clockOffMs(): number | undefined;
  close(): Promise<void>;
}

/** Options of one call. */
export function sdkCall({ signal }: CallOptions): SdkCallOptions {
  return { signal, retry: null, autoPaginate: false };
}
