import type { Tags } from '@drover/spec';
import { ec2Limits } from './ec2-options.ts';

/** The value of a tag whose values of all VMs of the batch are in lists beside it. */
export const inListMark = 'drover:in-list';
/** What the names of list tags begin with. */
const listPrefix = 'drover:list/';
/** Stands in a list for a VM that does not have the tag. Never the beginning of a written value. */
const absent = '%';

/**
 * Tags for one RunInstances call of several VMs. EC2 gives all VMs of a call the same tags, and drover needs a secret for each, on
 * the VM from its first moment: tags set by a second call are missing if the dispatcher dies in between, and a call for each VM would
 * be too slow (2 a second). So a tag on which the VMs differ holds a mark, and the values of all of them stand in tags beside it,
 * `drover:list/<key>/0` and so on, in the order of the batch. EC2 numbers the VMs of a call (AmiLaunchIndex, shown with every VM for
 * ever): each VM's own value is at its number. Whoever sees a VM at all sees its tags, and needs nothing else to read them.
 */
export function writeBatchTags(tags: readonly Tags[]): Tags {
  const written: Record<string, string> = {};
  const keys = new Set(tags.flatMap((own) => Object.keys(own)));
  for (const key of keys) {
    const values = tags.map((own) => own[key]);
    const [first] = values;
    if (first !== undefined && values.every((value) => value === first)) written[key] = first;
    else {
      written[key] = inListMark;
      Object.assign(written, listTags(key, values));
    }
  }
  return written;
}

/** The tags of the VM with this number, out of those that its whole batch was given. Tags that are no lists stay as they are. */
export function readBatchTags(tags: Tags, launchIndex: number): Tags {
  const read: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags)) {
    if (key.startsWith(listPrefix)) continue;
    const own = value === inListMark ? readList(tags, key)[launchIndex] : value;
    if (own !== undefined && own !== absent) read[key] = value === inListMark ? decodeURIComponent(own) : own;
  }
  return read;
}

/** Whether EC2 takes these tags for one resource. */
export function fitsEc2(tags: Tags): boolean {
  const entries = Object.entries(tags);
  const { tagsPerResource, tagKeyLength, tagValueLength } = ec2Limits;
  return (
    entries.length <= tagsPerResource &&
    entries.every(([key, value]) => key.length <= tagKeyLength && value.length <= tagValueLength)
  );
}

function listTags(key: string, values: readonly (string | undefined)[]): Tags {
  const lists: string[] = [];
  for (const value of values) {
    const item = value === undefined ? absent : encodeURIComponent(value);
    const last = lists.at(-1);
    if (last === undefined || last.length + 1 + item.length > ec2Limits.tagValueLength) lists.push(item);
    else lists[lists.length - 1] = `${last} ${item}`;
  }
  return Object.fromEntries(lists.map((list, index) => [`${listPrefix}${key}/${index}`, list]));
}

function readList(tags: Tags, key: string): readonly string[] {
  const items: string[] = [];
  for (let index = 0; ; index += 1) {
    const list = tags[`${listPrefix}${key}/${index}`];
    if (list === undefined) return items;
    items.push(...list.split(' '));
  }
}
