import { createHash } from 'node:crypto';
import { type CreateRequest, InvalidRequestError } from '@drover/spec';
import { gceLimits } from './gce-options.ts';
import { setLabel, storeTags } from './labels.ts';
import { ownMetadata } from './map-instance.ts';
import type { GceParams } from './params.ts';
import type { DiskResource, InstanceResource, MetadataItem } from './sdk-subset.ts';

const gib = 1_073_741_824;

/** One VM that is to be made. */
export interface InstancePlan {
  readonly name: string;
  readonly zone: string;
  /** Written on the VM: a VM with the same name and this mark is what an earlier try of the same create has made. */
  readonly createMark: string;
  readonly resource: InstanceResource;
}

/** Derived from the set, the create and the place in its batch: a repeated create asks for the same name. */
export function instanceName(namePrefix: string, createMark: string): string {
  return `${namePrefix}-${createHash('sha256').update(createMark).digest('hex').slice(0, 20)}`;
}

/** The label value by which the VMs of one set are listed. */
export function setMark(instanceSetId: string): string {
  return createHash('sha256').update(instanceSetId).digest('hex').slice(0, 32);
}

/** A UUID that is the same for the same text. Google drops a second insert with the same one. */
export function requestIdOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Everything that Google is told about one VM of a batch.
 * @throws InvalidRequestError when it would not fit
 */
export function planInstance(
  request: CreateRequest,
  index: number,
  { params, instanceSetId }: { readonly params: GceParams; readonly instanceSetId: string },
): InstancePlan {
  const { instanceType, offering } = request;
  const { zone } = offering;
  const createMark = `${instanceSetId}/${request.createId}/${index}`;
  const name = instanceName(params.namePrefix, createMark);
  const { labels, overflow } = storeTags(request.tags[index] ?? {});
  const mark = { [setLabel]: setMark(instanceSetId) };
  const items = metadataItems(request, index, name, params, [
    { key: ownMetadata.create, value: createMark },
    ...(Object.keys(overflow).length === 0 ? [] : [{ key: ownMetadata.tags, value: JSON.stringify(overflow) }]),
  ]);
  checkMetadata(items);
  const { serviceAccount, networkTags } = params;
  const resource: InstanceResource = {
    name,
    machineType: `zones/${zone}/machineTypes/${instanceType.providerType}`,
    labels: { ...labels, ...mark },
    disks: [bootDisk(request, zone, params, mark), ...scratchDisks(request, zone, name, params, mark)],
    networkInterfaces: [networkInterface(params)],
    ...(serviceAccount === undefined
      ? {}
      : { serviceAccounts: [{ email: serviceAccount.email, scopes: [...serviceAccount.scopes] }] }),
    ...(networkTags.length === 0 ? {} : { tags: { items: [...networkTags] } }),
    metadata: { items },
    scheduling: {
      // A VM that comes back after a fault of its host has lost what it ran, and drover has replaced it.
      automaticRestart: false,
      ...(offering.preemptible || instanceType.gpu !== undefined ? { onHostMaintenance: 'TERMINATE' } : {}),
      ...(offering.preemptible ? { provisioningModel: 'SPOT', instanceTerminationAction: 'DELETE' } : {}),
    },
  };
  return { name, zone, createMark, resource };
}

/** A name alone is one of the own project; `family/NAME` the newest of a family there; paths and URLs are taken as they are. */
export function imagePath(imageId: string, project: string): string {
  if (/^(projects\/|https:\/\/)/.test(imageId)) return imageId;
  return `projects/${project}/global/images/${imageId}`;
}

/** How many local SSDs give this much space; Google sells certain numbers. */
export function localSsdCount(bytes: number): number {
  const needed = Math.ceil(bytes / (gceLimits.localSsdGib * gib));
  const sold = gceLimits.localSsdCounts.find((count) => count >= needed);
  if (sold !== undefined) return sold;
  throw new InvalidRequestError(`gce: ${needed} local SSDs would be needed, and a VM may have 24`, {
    fix: 'lower addedScratch of the instance type, or set driver.scratch.kind to persistent',
  });
}

function bootDisk(
  { imageId }: CreateRequest,
  zone: string,
  { bootDisk: { sizeGib, type }, project }: GceParams,
  labels: Readonly<Record<string, string>>,
): DiskResource {
  return {
    boot: true,
    autoDelete: true,
    type: 'PERSISTENT',
    initializeParams: {
      sourceImage: imagePath(imageId, project),
      diskType: `zones/${zone}/diskTypes/${type}`,
      diskSizeGb: String(sizeGib),
      labels,
    },
  };
}

function scratchDisks(
  { instanceType: { addedScratchBytes } }: CreateRequest,
  zone: string,
  name: string,
  { scratch }: GceParams,
  labels: Readonly<Record<string, string>>,
): readonly DiskResource[] {
  if (addedScratchBytes <= 0) return [];
  if (scratch.kind === 'persistent')
    return [
      {
        boot: false,
        autoDelete: true,
        type: 'PERSISTENT',
        deviceName: 'scratch',
        initializeParams: {
          diskName: `${name}-scratch`,
          diskType: `zones/${zone}/diskTypes/${scratch.type}`,
          diskSizeGb: String(Math.max(10, Math.ceil(addedScratchBytes / gib))),
          labels,
        },
      },
    ];
  return Array.from({ length: localSsdCount(addedScratchBytes) }, () => ({
    boot: false,
    autoDelete: true,
    type: 'SCRATCH',
    interface: 'NVME',
    initializeParams: { diskType: `zones/${zone}/diskTypes/local-ssd` },
  }));
}

function networkInterface({ network, subnetwork, externalAddress, project, zones }: GceParams) {
  const [zone = ''] = zones;
  const region = zone.slice(0, zone.lastIndexOf('-'));
  return {
    ...(network === undefined
      ? {}
      : { network: network.includes('/') ? network : `projects/${project}/global/networks/${network}` }),
    ...(subnetwork === undefined
      ? {}
      : {
          subnetwork: subnetwork.includes('/')
            ? subnetwork
            : `projects/${project}/regions/${region}/subnetworks/${subnetwork}`,
        }),
    ...(externalAddress ? { accessConfigs: [{ name: 'External NAT', type: 'ONE_TO_ONE_NAT' as const }] } : {}),
  };
}

function metadataItems(
  { initCommands, authorizedKey }: CreateRequest,
  index: number,
  name: string,
  { adminUsername, metadata }: GceParams,
  own: readonly MetadataItem[],
): MetadataItem[] {
  return [
    ...Object.entries(metadata).map(([key, value]) => ({ key, value })),
    { key: 'startup-script', value: startupScript(name, initCommands[index] ?? '') },
    ...(authorizedKey === '' ? [] : [{ key: 'ssh-keys', value: `${adminUsername}:${authorizedKey.trim()}` }]),
    { key: 'block-project-ssh-keys', value: 'TRUE' },
    { key: 'enable-oslogin', value: 'FALSE' },
    { key: 'enable-guest-attributes', value: 'TRUE' },
    ...own,
  ];
}

/** Google runs the script at every boot; the command is for the first of this VM alone, whatever an image of it has been before. */
function startupScript(name: string, initCommand: string): string {
  return `#!/bin/sh\nmkdir /var/lib/${name}-booted 2>/dev/null || exit 0\n${initCommand}\n`;
}

function checkMetadata(items: readonly MetadataItem[]): void {
  let bytes = 0;
  for (const { key, value } of items) {
    const size = Buffer.byteLength(value);
    bytes += size + Buffer.byteLength(key);
    if (size > gceLimits.metadataValueBytes)
      throw tooLarge(`${key} has ${size} bytes, and an item of metadata may have 262144`);
  }
  if (bytes > gceLimits.metadataBytes)
    throw tooLarge(`the metadata has ${bytes} bytes in all, and a VM may have 524288`);
}

function tooLarge(what: string): InvalidRequestError {
  return new InvalidRequestError(`gce: ${what}`, {
    fix: 'shorten instanceInitCommand, the resource tags or driver.metadata',
  });
}
