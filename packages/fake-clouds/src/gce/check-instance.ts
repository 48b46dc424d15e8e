import type { FakeGceOptions } from './fake-options.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import type { MetadataItem, NewInstance } from './resources.ts';

const labelKey = /^[a-z][a-z0-9_-]{0,62}$/;
const labelValue = /^[a-z0-9_-]{0,63}$/;

/** What Google refuses at once. @throws Refusal */
export function checkNewInstance(instance: NewInstance, zone: string, options: FakeGceOptions): void {
  const { project, machineTypes, images, region } = options;
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(instance.name))
    throw invalid('resource.name', instance.name, 'Must be a match of regex');
  const type = instance.machineType.slice(instance.machineType.lastIndexOf('/') + 1);
  if (!machineTypes.includes(type))
    throw invalid(
      'resource.machineType',
      instance.machineType,
      `Machine type with name '${type}' does not exist in zone '${zone}'.`,
    );
  const boot = instance.disks.find((disk) => disk.boot === true);
  const image = boot?.initializeParams?.sourceImage ?? '';
  if (!images.includes(image)) throw notFound(image);
  for (const { initializeParams } of instance.disks) checkLabels(initializeParams?.labels ?? {});
  if (instance.networkInterfaces.length === 0)
    throw invalid('resource.networkInterfaces', '', 'At least one network interface is required.');
  for (const { subnetwork } of instance.networkInterfaces)
    if (
      subnetwork !== undefined &&
      !options.subnetworks.some((name) => subnetwork === `projects/${project}/regions/${region}/subnetworks/${name}`)
    )
      throw invalid(
        'resource.networkInterfaces[0].subnetwork',
        subnetwork,
        'The referenced subnetwork resource cannot be found.',
      );
  checkLabels(instance.labels);
  checkMetadata(instance.metadata.items ?? []);
}

/** @throws Refusal */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).length > 64) throw invalid('resource.labels', '', 'There can be at most 64 labels.');
  for (const [key, value] of Object.entries(labels))
    if (!labelKey.test(key) || !labelValue.test(value))
      throw invalid(
        'resource.labels',
        `${key}=${value}`,
        'Label keys and values have at most 63 of a-z, 0-9, _ and -.',
      );
}

/** @throws Refusal */
export function checkMetadata(items: readonly MetadataItem[]): void {
  let bytes = 0;
  for (const { key, value } of items) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (Buffer.byteLength(value) > 262_144)
      throw new Refusal(400, 'invalid', `Value of metadata key '${key}' is too large.`);
  }
  if (bytes > 524_288) throw new Refusal(400, 'invalid', 'Metadata has more than 524288 bytes.');
}
