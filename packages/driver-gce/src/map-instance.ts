import { type Instance, type InstanceLifecycle, type Tags, TransientCloudError } from '@drover/spec';
import * as z from 'zod';
import { readTags, setLabel } from './labels.ts';

/** Metadata items that the driver writes for itself. */
export const ownMetadata = {
  /** Which create made the VM: instance set, createId and place in the batch. */
  create: 'drover-create',
  /** Tags that fit into no label, as JSON. */
  tags: 'drover-tags',
} as const;

const text = z.string().nullish();

const instanceSchema = z.object({
  name: z.string().min(1),
  zone: z.string().min(1),
  status: text,
  machineType: text,
  labels: z.record(z.string(), z.string()).nullish(),
  labelFingerprint: text,
  metadata: z.object({ fingerprint: text, items: z.array(z.object({ key: text, value: text })).nullish() }).nullish(),
  networkInterfaces: z
    .array(z.object({ networkIP: text, accessConfigs: z.array(z.object({ natIP: text })).nullish() }))
    .nullish(),
  scheduling: z.object({ provisioningModel: text }).nullish(),
});

/** An instance as the API gives it, as far as it is read. */
export type GceInstance = z.output<typeof instanceSchema>;

const tagsSchema = z.record(z.string(), z.string());

/** @throws TransientCloudError when the answer is no instance: nothing may be concluded from it */
export function parseInstance(answer: unknown): GceInstance {
  const parsed = instanceSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new TransientCloudError(`gce: an answer of the API is no instance: ${parsed.error.message}`);
}

/** Where a status of the API stands in a VM's life. Only a VM that is stopped for good or gone runs nothing any more. */
export function lifecycleOf(status: string | null | undefined): InstanceLifecycle {
  switch (status) {
    case 'RUNNING':
    case 'REPAIRING':
      return 'running';
    // A suspended VM goes on with what it ran once it is resumed.
    case 'STOPPING':
    case 'PENDING_STOP':
    case 'SUSPENDING':
    case 'SUSPENDED':
    case 'DEPROVISIONING':
      return 'stopping';
    case 'STOPPED':
    case 'TERMINATED':
      return 'terminated';
    default:
      return 'pending';
  }
}

/** A VM as spec wants to see it. */
export function mapInstance(
  instance: GceInstance,
  { externalAddress }: { readonly externalAddress: boolean },
): Instance {
  const zone = lastPart(instance.zone);
  const [network] = instance.networkInterfaces ?? [];
  const address = externalAddress ? network?.accessConfigs?.[0]?.natIP : network?.networkIP;
  return {
    id: instanceId(zone, instance.name),
    providerType: lastPart(instance.machineType ?? ''),
    lifecycle: lifecycleOf(instance.status),
    tags: tagsOf(instance),
    address: address ?? '',
    zone,
  };
}

/** A VM's tags, from its labels and its metadata. */
export function tagsOf(instance: GceInstance): Tags {
  return readTags({ labels: instance.labels ?? {}, overflow: overflowOf(instance) });
}

/** The tags that are in the metadata. What is no JSON there was not written by the driver. */
export function overflowOf(instance: GceInstance): Tags {
  const value = metadataOf(instance, ownMetadata.tags);
  if (value === undefined) return {};
  try {
    const parsed = tagsSchema.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

/** Whether the VM carries the mark of this set. */
export function isOfSet(instance: GceInstance, mark: string): boolean {
  return instance.labels?.[setLabel] === mark;
}

/** One metadata item. */
export function metadataOf(instance: GceInstance, key: string): string | undefined {
  return instance.metadata?.items?.find((item) => item.key === key)?.value ?? undefined;
}

/** Names are unique within a zone: both are the id. */
export function instanceId(zone: string, name: string): string {
  return `${zone}/${name}`;
}

/** Undefined for an id that this driver never gives. */
export function splitId(id: string): { readonly zone: string; readonly name: string } | undefined {
  const [, zone, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(id) ?? [];
  return zone === undefined || name === undefined ? undefined : { zone, name };
}

/** URLs of resources end in their names. */
export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
