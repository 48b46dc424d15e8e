import { createHash } from 'node:crypto';
import { type CreateRequest, InvalidRequestError, type Tags } from '@drover/spec';
import { fitsEc2, writeBatchTags } from './batch-tags.ts';
import { ec2Limits, ownTags } from './ec2-options.ts';
import type { Ec2Params } from './params.ts';
import { writeUserData } from './user-data.ts';

/** One RunInstances call: VMs of a request from `first` on. */
export interface Launch {
  readonly first: number;
  readonly tags: readonly Tags[];
  /** As EC2 gets them, the driver's own among them. */
  readonly writtenTags: Tags;
  /** Those among them that say the same of every VM: for what comes with the VMs. */
  readonly commonTags: Tags;
  readonly userData: string;
  /** The same for the same request, whoever makes it: EC2 launches once for each. */
  readonly clientToken: string;
}

/**
 * Cuts a request into as few calls as EC2's limits on tags and user data allow, usually one. The cuts depend on the request alone, so
 * a repeated one has the same tokens.
 * @throws InvalidRequestError when a single VM's tags or user data are too large
 */
export function planLaunches(request: CreateRequest, params: Ec2Params): readonly Launch[] {
  checkCounts(request);
  const launches: Launch[] = [];
  let first = 0;
  while (first < request.count) {
    let size = request.count - first;
    let launch = launchOf(request, params, first, size);
    while (size > 1 && !fits(launch)) {
      size = Math.ceil(size / 2);
      launch = launchOf(request, params, first, size);
    }
    checkSingle(launch);
    launches.push(launch);
    first += size;
  }
  return launches;
}

function launchOf(request: CreateRequest, params: Ec2Params, first: number, size: number): Launch {
  const tags = request.tags.slice(first, first + size);
  const { createId, offering, authorizedKey } = request;
  const initCommands = request.initCommands.slice(first, first + size);
  const { adminUsername } = params;
  const own = { [ownTags.createId]: createId, [ownTags.offeringId]: offering.id };
  const written = writeBatchTags(tags);
  const common = Object.entries(written).filter(([key, value]) => tags.every((each) => each[key] === value));
  return {
    first,
    tags,
    writtenTags: { ...written, ...own },
    commonTags: { ...Object.fromEntries(common), ...own },
    userData: writeUserData({ initCommands, authorizedKey, adminUsername }),
    clientToken: clientTokenOf(createId, offering.id, first),
  };
}

function clientTokenOf(createId: string, offeringId: string, first: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([createId, offeringId, first]))
    .digest('hex');
  return hash.slice(0, ec2Limits.clientTokenLength);
}

function fits({ writtenTags, userData }: Launch): boolean {
  return fitsEc2(writtenTags) && Buffer.byteLength(userData) <= ec2Limits.userDataBytes;
}

function checkSingle({ writtenTags, userData }: Launch): void {
  const bytes = Buffer.byteLength(userData);
  if (bytes > ec2Limits.userDataBytes)
    throw new InvalidRequestError(
      `ec2: the start script of a VM has ${bytes} bytes, and EC2 takes ${ec2Limits.userDataBytes}`,
      { fix: 'shorten pool.instanceInitCommand: let it fetch what it needs, or put that into the image' },
    );
  if (!fitsEc2(writtenTags)) throw tagsTooLarge(writtenTags);
}

function tagsTooLarge(tags: Tags): InvalidRequestError {
  const { tagsPerResource, tagKeyLength, tagValueLength } = ec2Limits;
  const bad = Object.entries(tags).find(([key, value]) => key.length > tagKeyLength || value.length > tagValueLength);
  const what =
    bad === undefined
      ? `a VM would have ${Object.keys(tags).length} tags, and EC2 takes ${tagsPerResource}`
      : `the tag "${bad[0].slice(0, tagKeyLength)}" is too long: EC2 takes ${tagKeyLength} characters of key and ${tagValueLength} of value`;
  return new InvalidRequestError(`ec2: ${what}`, { fix: 'shorten pool.resourceTags or pool.tagKeyPrefix' });
}

function checkCounts({ count, tags, initCommands }: CreateRequest): void {
  if (!Number.isInteger(count) || count < 1) throw new InvalidRequestError(`ec2: cannot create ${count} VMs`);
  if (tags.length !== count || initCommands.length !== count)
    throw new InvalidRequestError(`ec2: ${count} VMs need as many sets of tags and init commands`);
}
