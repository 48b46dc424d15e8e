import type { IdleBehavior, Instance, InstanceId, Tags } from '@drover/spec';
import type { PoolOptions } from './pool-options.ts';

/** The pool's own tags, without the configured prefix. */
export const InstanceTag = {
  instanceSetId: 'InstanceSetID',
  instanceType: 'InstanceType',
  idleBehavior: 'IdleBehavior',
  instanceSecret: 'InstanceSecret',
  /** Which decision the idle behaviour is; absent until one is made. */
  decision: 'IdleBehaviorDecision',
} as const;

/** What decides how tags are named. */
type TagNaming = Pick<PoolOptions, 'tagKeyPrefix'>;

/** A tag's key in the cloud. */
export function tagKey({ tagKeyPrefix }: TagNaming, name: string): string {
  return tagKeyPrefix + name;
}

/** The tag that all VMs of this set carry, to list by. */
export function setTags(options: Pick<PoolOptions, 'tagKeyPrefix' | 'instanceSetId'>): Tags {
  return { [tagKey(options, InstanceTag.instanceSetId)]: options.instanceSetId };
}

/** All tags of a new VM. The pool's own win over the configured ones. */
export function newInstanceTags(
  options: Pick<PoolOptions, 'tagKeyPrefix' | 'instanceSetId' | 'resourceTags'>,
  instanceType: string,
  secret: string,
): Tags {
  const prefixed = Object.entries(options.resourceTags).map(([key, value]) => [tagKey(options, key), value] as const);
  return {
    ...Object.fromEntries(prefixed),
    ...setTags(options),
    [tagKey(options, InstanceTag.instanceType)]: instanceType,
    [tagKey(options, InstanceTag.idleBehavior)]: 'run',
    [tagKey(options, InstanceTag.instanceSecret)]: secret,
  };
}

/** One of the pool's tags of a VM; empty when it has none. */
export function readTag(options: TagNaming, instance: Pick<Instance, 'tags'>, name: string): string {
  return instance.tags[tagKey(options, name)] ?? '';
}

/** Whether the VM belongs to this set, whatever the cloud's filter let through. */
export function belongsToSet(
  options: Pick<PoolOptions, 'tagKeyPrefix' | 'instanceSetId'>,
  instance: Instance,
): instance is Instance & { readonly id: InstanceId } {
  return readTag(options, instance, InstanceTag.instanceSetId) === options.instanceSetId;
}

/** The behaviour that a previous process left; anything invalid means `run`. */
export function taggedBehavior(options: TagNaming, instance: Instance): IdleBehavior {
  const value = readTag(options, instance, InstanceTag.idleBehavior);
  return value === 'hold' || value === 'drain' ? value : 'run';
}
