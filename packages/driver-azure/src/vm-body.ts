import type { CreateRequest, Tags } from '@drover/spec';
import { customData } from './check-request.ts';
import { imageReference, parseImage } from './image-reference.ts';
import type { VmNames } from './names.ts';
import { zoneOf } from './offerings.ts';
import type { AzureParams } from './params.ts';
import type { DiskParameters, VmParameters } from './sdk-subset.ts';

const bytesPerGib = 2 ** 30;
/** The version of the network API in which the interface inside a VM is described; Azure knows this one and 2020-11-01. */
const networkApiVersion = '2022-11-01';
/** Spot costs at most what on-demand does, and is never taken away for its price. */
const upToOnDemand = -1;

/** One VM of a request. */
export interface VmOrder {
  readonly request: CreateRequest;
  readonly index: number;
  readonly names: VmNames;
  /** All tags, the driver's own too. */
  readonly tags: Tags;
}

/** The body that creates a VM with its network interface and its disks, all of which go when it goes. */
export function vmBody({ request, index, names, tags }: VmOrder, params: AzureParams): VmParameters {
  const { instanceType, offering } = request;
  const zone = zoneOf(offering, params);
  const disk = (name: string, createOption: DiskParameters['createOption']): DiskParameters => ({
    name,
    createOption,
    deleteOption: 'Delete',
    managedDisk: { storageAccountType: params.diskType },
  });
  const scratchGib = Math.ceil(instanceType.addedScratchBytes / bytesPerGib);
  const scratch = { ...disk(names.scratchDisk, 'Empty'), lun: 0, diskSizeGB: scratchGib };
  return {
    location: params.location,
    ...(zone === undefined ? {} : { zones: [zone] }),
    tags: { ...tags },
    hardwareProfile: { vmSize: instanceType.providerType },
    storageProfile: {
      imageReference: imageReference(parseImage(request.imageId, params), params.subscriptionId),
      osDisk: disk(names.osDisk, 'FromImage'),
      ...(scratchGib > 0 ? { dataDisks: [scratch] } : {}),
    },
    osProfile: osProfile(request, index, names, params),
    networkProfile: networkProfile(names, tags, params),
    ...(offering.preemptible
      ? { priority: 'Spot', evictionPolicy: 'Delete', billingProfile: { maxPrice: upToOnDemand } }
      : {}),
  };
}

function osProfile(
  { initCommands, authorizedKey }: CreateRequest,
  index: number,
  names: VmNames,
  { adminUsername }: AzureParams,
): VmParameters['osProfile'] {
  const path = `/home/${adminUsername}/.ssh/authorized_keys`;
  return {
    computerName: names.vm,
    adminUsername,
    customData: customData(initCommands[index] ?? ''),
    linuxConfiguration: {
      disablePasswordAuthentication: true,
      ssh: { publicKeys: [{ path, keyData: authorizedKey }] },
    },
  };
}

function networkProfile(names: VmNames, tags: Tags, params: AzureParams): VmParameters['networkProfile'] {
  const ipConfiguration = { name: 'primary', primary: true, subnet: { id: subnetId(params) } } as const;
  return {
    networkApiVersion,
    networkInterfaceConfigurations: [
      {
        name: names.networkInterface,
        tags: { ...tags },
        primary: true,
        deleteOption: 'Delete',
        ipConfigurations: [ipConfiguration],
      },
    ],
  };
}

/** The subnet's id in Azure. */
export function subnetId({
  subscriptionId,
  networkResourceGroup,
  resourceGroup,
  network,
  subnet,
}: AzureParams): string {
  const group = networkResourceGroup ?? resourceGroup;
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/${network}/subnets/${subnet}`;
}
