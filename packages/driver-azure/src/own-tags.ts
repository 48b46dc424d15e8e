import type { DriverContext, Tags } from '@drover/spec';

/** The tags that the driver reads itself, with the configured prefix. */
export interface OwnTags {
  /** The set that a VM, network interface or disk belongs to; the pool writes it too. */
  readonly instanceSetId: string;
  /** The create request and the offering, so that a launch that fails after a restart can be told. */
  readonly createId: string;
  readonly offering: string;
}

export function ownTags({ tagKeyPrefix }: Pick<DriverContext, 'tagKeyPrefix'>): OwnTags {
  return {
    instanceSetId: `${tagKeyPrefix}InstanceSetID`,
    createId: `${tagKeyPrefix}CreateID`,
    offering: `${tagKeyPrefix}Offering`,
  };
}

/** A tag's value; Azure does not distinguish its keys by case, and may give them back in another one. */
export function tagOf(tags: Tags | undefined, key: string): string | undefined {
  if (tags === undefined) return undefined;
  const wanted = key.toLowerCase();
  return tags[key] ?? Object.entries(tags).find(([name]) => name.toLowerCase() === wanted)?.[1];
}
