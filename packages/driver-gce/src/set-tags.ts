import { type CallOptions, type Tags, TransientCloudError } from '@drover/spec';
import type { GceCalls } from './gce-calls.ts';
import { readTags, storeTags } from './labels.ts';
import { isConflict } from './map-error.ts';
import { type GceInstance, ownMetadata, overflowOf, tagsOf } from './map-instance.ts';
import { failureOf, type GceOperation, isDone } from './operations.ts';
import type { MetadataItem } from './sdk-subset.ts';

/** Somebody else may change labels at the same time, again and again; after this many tries it is their fault. */
const maxTries = 6;

/** Merges tags into a VM's: read, merge, write if nobody else has written in between, else again. */
export async function setTagsOf(
  zone: string,
  name: string,
  tags: Tags,
  options: CallOptions,
  calls: GceCalls,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      const instance = await calls.get(zone, name, options);
      await write(instance, zone, { ...tagsOf(instance), ...tags }, options, calls);
      return;
    } catch (error) {
      if (!isConflict(error) || tries >= maxTries) throw error;
    }
  }
}

/** What no label holds goes first: a crash in between leaves every tag readable. */
async function write(
  instance: GceInstance,
  zone: string,
  tags: Tags,
  options: CallOptions,
  calls: GceCalls,
): Promise<void> {
  const { labels, overflow } = storeTags(tags);
  const next = { ...foreignLabels(instance), ...labels };
  if (JSON.stringify(overflow) !== JSON.stringify(overflowOf(instance))) {
    const change = { fingerprint: instance.metadata?.fingerprint ?? '', items: withOverflow(instance, overflow) };
    await settled(await calls.setMetadata(zone, instance.name, change, options), zone, options, calls);
  }
  if (sameEntries(next, instance.labels ?? {})) return;
  const change = { labelFingerprint: instance.labelFingerprint ?? '', labels: next };
  await settled(await calls.setLabels(zone, instance.name, change, options), zone, options, calls);
}

/** Labels that are no tags stay as they are, the set's mark among them. */
function foreignLabels({ labels }: GceInstance): Readonly<Record<string, string>> {
  const isForeign = ([label, text]: readonly [string, string]): boolean =>
    Object.keys(readTags({ labels: { [label]: text }, overflow: {} })).length === 0;
  return Object.fromEntries(Object.entries(labels ?? {}).filter(isForeign));
}

function withOverflow(instance: GceInstance, overflow: Tags): MetadataItem[] {
  const others = (instance.metadata?.items ?? [])
    .map(({ key, value }) => ({ key: key ?? '', value: value ?? '' }))
    .filter(({ key }) => key !== ownMetadata.tags);
  return Object.keys(overflow).length === 0
    ? others
    : [...others, { key: ownMetadata.tags, value: JSON.stringify(overflow) }];
}

async function settled(operation: GceOperation, zone: string, { signal }: CallOptions, calls: GceCalls): Promise<void> {
  const ended = await calls.wait(operation, zone, { signal, withinMs: calls.timings.changeWaitMs });
  const failure = failureOf(ended);
  if (failure !== undefined) throw failure;
  if (!isDone(ended))
    throw new TransientCloudError(`gce: operation ${ended.name} has not ended; whether the tags are set is not known`);
}

function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
