import type { Cloud } from './cloud.ts';
import type { GceCall } from './discovery.ts';
import { forbidden } from './refusal.ts';
import type { NewInstance } from './resources.ts';

/** What each method asks for, as Google documents it. */
const ofMethod: Readonly<Record<string, readonly string[]>> = {
  'compute.instances.get': ['compute.instances.get'],
  'compute.instances.list': ['compute.instances.list'],
  'compute.instances.delete': ['compute.instances.delete'],
  'compute.instances.setLabels': ['compute.instances.setLabels'],
  'compute.instances.setMetadata': ['compute.instances.setMetadata'],
  'compute.instances.getGuestAttributes': ['compute.instances.getGuestAttributes'],
  'compute.zoneOperations.wait': ['compute.zoneOperations.get'],
  'compute.projects.get': ['compute.projects.get'],
  'compute.regions.get': ['compute.regions.get'],
  'compute.images.get': ['compute.images.get'],
  'compute.images.getFromFamily': ['compute.images.getFromFamily'],
  'compute.subnetworks.get': ['compute.subnetworks.get'],
  'compute.machineTypes.get': ['compute.machineTypes.get'],
};

/** @throws Refusal when the caller lacks a permission that the method needs */
export function checkCaller(call: GceCall, cloud: Cloud): void {
  for (const permission of ofMethod[call.id] ?? []) require(permission, cloud);
}

/** An insert needs the more permissions the more it asks for. @throws Refusal */
export function checkInserter(instance: NewInstance, cloud: Cloud): void {
  const has = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > 0;
  const needed: readonly (readonly [boolean, string])[] = [
    [true, 'compute.instances.create'],
    [true, 'compute.disks.create'],
    [instance.disks.some((disk) => disk.initializeParams?.sourceImage !== undefined), 'compute.images.useReadOnly'],
    [instance.disks.some((disk) => disk.initializeParams?.labels !== undefined), 'compute.disks.setLabels'],
    [true, 'compute.subnetworks.use'],
    [instance.networkInterfaces.some((card) => has(card.accessConfigs)), 'compute.subnetworks.useExternalIp'],
    [Object.keys(instance.labels).length > 0, 'compute.instances.setLabels'],
    [has(instance.metadata.items), 'compute.instances.setMetadata'],
    [has(instance.tags?.items), 'compute.instances.setTags'],
    [has(instance.serviceAccounts), 'compute.instances.setServiceAccount'],
  ];
  for (const [isNeeded, permission] of needed) if (isNeeded) require(permission, cloud);
}

/** Those of the asked permissions that the caller has. */
export function grantedOf(asked: readonly string[], { faults }: Cloud): readonly string[] {
  return asked.filter((permission) => faults.permissions?.has(permission) !== false);
}

function require(permission: string, cloud: Cloud): void {
  if (grantedOf([permission], cloud).length === 0) throw forbidden(permission, `projects/${cloud.options.project}`);
}
