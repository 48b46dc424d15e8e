/** The part of Microsoft's SDK that this driver calls. Its own clients satisfy these interfaces. */

/** Options of every call. */
export interface SdkCall {
  readonly abortSignal?: AbortSignal;
}

/** A long-running operation: `submitted` once it is accepted, `poll` looks once. */
export interface SdkPoller<Result> {
  readonly isDone: boolean;
  readonly result: Result | undefined;
  submitted(): Promise<void>;
  poll(options?: SdkCall): Promise<unknown>;
}

interface Reference {
  readonly id?: string;
}

export interface SdkVm {
  readonly id?: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly zones?: readonly string[];
  readonly etag?: string;
  readonly provisioningState?: string;
  readonly hardwareProfile?: { readonly vmSize?: string };
  readonly networkProfile?: { readonly networkInterfaces?: readonly Reference[] };
  readonly instanceView?: { readonly statuses?: readonly { readonly code?: string; readonly message?: string }[] };
}

export interface SdkNetworkInterface {
  readonly id?: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly virtualMachine?: Reference;
  readonly ipConfigurations?: readonly { readonly privateIPAddress?: string; readonly primary?: boolean }[];
}

export interface SdkDisk {
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly managedBy?: string;
  readonly diskState?: string;
}

/** Body of a create request. */
export interface VmParameters {
  readonly location: string;
  readonly zones?: string[];
  readonly tags: Record<string, string>;
  readonly hardwareProfile: { readonly vmSize: string };
  readonly storageProfile: {
    readonly imageReference: ImageReference;
    readonly osDisk: DiskParameters;
    readonly dataDisks?: (DiskParameters & { readonly lun: number; readonly diskSizeGB: number })[];
  };
  readonly osProfile: {
    readonly computerName: string;
    readonly adminUsername: string;
    readonly customData: string;
    readonly linuxConfiguration: {
      readonly disablePasswordAuthentication: true;
      readonly ssh: { readonly publicKeys: { readonly path: string; readonly keyData: string }[] };
    };
  };
  readonly networkProfile: {
    readonly networkApiVersion: string;
    readonly networkInterfaceConfigurations: {
      readonly name: string;
      readonly tags: Record<string, string>;
      readonly primary: true;
      readonly deleteOption: 'Delete';
      readonly ipConfigurations: {
        readonly name: string;
        readonly primary: true;
        readonly subnet: { readonly id: string };
      }[];
    }[];
  };
  readonly priority?: 'Spot';
  readonly evictionPolicy?: 'Delete';
  readonly billingProfile?: { readonly maxPrice: number };
}

export type ImageReference =
  | { readonly id: string }
  | { readonly publisher: string; readonly offer: string; readonly sku: string; readonly version: string };

export interface DiskParameters {
  readonly name: string;
  readonly createOption: 'FromImage' | 'Empty';
  readonly deleteOption: 'Delete';
  readonly managedDisk: { readonly storageAccountType: string };
}

export interface SdkUsage {
  readonly currentValue?: number;
  readonly limit?: number;
  readonly name?: { readonly value?: string };
}

export interface SdkSize {
  readonly name?: string;
  readonly resourceType?: string;
  readonly family?: string;
  readonly locationInfo?: readonly { readonly zones?: readonly string[] }[];
  readonly capabilities?: readonly { readonly name?: string; readonly value?: string }[];
  readonly restrictions?: readonly { readonly type?: string; readonly reasonCode?: string }[];
}

export interface ComputeClient {
  readonly virtualMachines: {
    createOrUpdate(
      group: string,
      name: string,
      body: VmParameters,
      options: SdkCall & { readonly ifNoneMatch: string },
    ): SdkPoller<SdkVm>;
    update(
      group: string,
      name: string,
      body: { readonly tags: Record<string, string> },
      options: SdkCall & { readonly ifMatch?: string },
    ): SdkPoller<SdkVm>;
    delete(group: string, name: string, options: SdkCall & { readonly forceDeletion: boolean }): SdkPoller<void>;
    get(group: string, name: string, options: SdkCall & { readonly expand?: 'instanceView' }): Promise<SdkVm>;
    list(group: string, options: SdkCall): SdkPages<SdkVm>;
  };
  readonly disks: {
    delete(group: string, name: string, options: SdkCall): SdkPoller<void>;
    listByResourceGroup(group: string, options: SdkCall): SdkPages<SdkDisk>;
  };
  readonly images: { get(group: string, name: string, options: SdkCall): Promise<unknown> };
  readonly galleryImageVersions: {
    get(group: string, gallery: string, image: string, version: string, options: SdkCall): Promise<unknown>;
  };
  readonly usage: { list(location: string, options: SdkCall): SdkPages<SdkUsage> };
  readonly resourceSkus: { list(options: SdkCall & { readonly filter: string }): SdkPages<SdkSize> };
}

export interface NetworkClient {
  readonly networkInterfaces: {
    get(group: string, name: string, options: SdkCall): Promise<SdkNetworkInterface>;
    delete(group: string, name: string, options: SdkCall): SdkPoller<void>;
    list(group: string, options: SdkCall): SdkPages<SdkNetworkInterface>;
  };
  readonly subnets: { get(group: string, network: string, subnet: string, options: SdkCall): Promise<Reference> };
  readonly virtualNetworks: {
    listUsage(
      group: string,
      network: string,
      options: SdkCall,
    ): SdkPages<{ readonly id?: string; readonly currentValue?: number; readonly limit?: number }>;
  };
}

/** A list that comes page by page. */
export interface SdkPages<Item> {
  byPage(): AsyncIterable<readonly Item[]>;
}

/** Gives tokens for Azure Resource Manager. */
export interface Credential {
  getToken(scopes: string | string[]): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}
