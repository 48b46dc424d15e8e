/** One npm release that publishes Microsoft's REST schema as data: mappers of every message, and the values of its enums. */
export interface SchemaSource {
  readonly package: string;
  readonly version: string;
  /** API version of the messages, unless `apiVersions` says otherwise for some. */
  readonly apiVersion: string;
  readonly apiVersions?: Readonly<Record<string, string>>;
  /** Messages that the fake sends or takes, and what is in them; properties of other classes are left out. */
  readonly classes: readonly string[];
}

const compute: SchemaSource = {
  package: '@azure/arm-compute',
  // The last releases that still have mappers; later ones are generated without.
  version: '23.3.0',
  apiVersion: '2025-04-01',
  apiVersions: {
    Disk: '2025-01-02',
    DiskList: '2025-01-02',
    GalleryImageVersion: '2025-03-03',
    ResourceSkusResult: '2021-07-01',
  },
  classes: `
    VirtualMachine VirtualMachineUpdate VirtualMachineListResult HardwareProfile BillingProfile StorageProfile
    ImageReference OSDisk DataDisk ManagedDiskParameters OSProfile LinuxConfiguration SshConfiguration
    SshPublicKey NetworkProfile NetworkInterfaceReference VirtualMachineNetworkInterfaceConfiguration
    VirtualMachineNetworkInterfaceIPConfiguration SubResource SecurityProfile UefiSettings
    VirtualMachineInstanceView InstanceViewStatus Disk DiskList DiskSku CreationData ListUsagesResult Usage
    UsageName ResourceSkusResult ResourceSku ResourceSkuLocationInfo ResourceSkuCapabilities
    ResourceSkuRestrictions ResourceSkuRestrictionInfo Image ImageStorageProfile ImageOSDisk
    VirtualMachineImage GalleryImageVersion CloudError ApiError ApiErrorBase InnerError
  `
    .trim()
    .split(/\s+/),
};

const network: SchemaSource = {
  package: '@azure/arm-network',
  version: '36.0.0',
  apiVersion: '2025-05-01',
  classes: `
    NetworkInterface NetworkInterfaceListResult NetworkInterfaceIPConfiguration SubResource Subnet
    VirtualNetworkListUsageResult VirtualNetworkUsage VirtualNetworkUsageName
  `
    .trim()
    .split(/\s+/),
};

export const schemaSources = { compute, network };
