import type { Instance, InstanceId } from '@drover/spec';
import type { Identity } from './worker.ts';

/** What the pool knows of one of its workers, as far as a listing is concerned. */
export interface KnownInstance {
  readonly appearedAtMs: number;
  /** `verified`: it was reached, so it did exist, and a lagging view is no explanation for its absence any more. */
  readonly identity: Identity;
}

/** What a complete listing is compared with. Times are monotonic. */
export interface ListingContext {
  /** The listing tells nothing about what happened after this. */
  readonly beganAtMs: number;
  readonly workers: ReadonlyMap<InstanceId, KnownInstance>;
  /** Instances proven dead lately: a lagging list may still show them. */
  readonly dead: ReadonlySet<InstanceId>;
  /** A VM younger than this may be missing because the cloud's views lag. */
  readonly consistencyMs: number;
  readonly belongs: (instance: Instance) => boolean;
}

/** What follows from a listing. */
export interface ListingPlan {
  readonly known: readonly Instance[];
  readonly appeared: readonly Instance[];
  /** To be asked for by id: absence from a list is weak evidence. */
  readonly missing: readonly InstanceId[];
}

/** Compares a complete listing with what is known. */
export function planListing(instances: readonly Instance[], context: ListingContext): ListingPlan {
  const known: Instance[] = [];
  const appeared: Instance[] = [];
  const listed = new Set<InstanceId>();
  for (const instance of instances) {
    if (!context.belongs(instance) || listed.has(instance.id)) continue;
    listed.add(instance.id);
    if (context.workers.has(instance.id)) known.push(instance);
    else if (instance.lifecycle !== 'terminated' && !context.dead.has(instance.id)) appeared.push(instance);
  }
  const missing: InstanceId[] = [];
  for (const [id, { appearedAtMs, identity }] of context.workers) {
    const certain = identity === 'verified' || context.beganAtMs - appearedAtMs >= context.consistencyMs;
    if (!listed.has(id) && certain) missing.push(id);
  }
  return { known, appeared, missing };
}
