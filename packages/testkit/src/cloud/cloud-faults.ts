/** The calls of an instance set that reach the cloud. */
export type CloudVerb = 'create' | 'list' | 'describe' | 'destroy' | 'setTags' | 'hostKeys';

/** What may go wrong with one kind of call. Rates are probabilities per call, in [0, 1]. */
export interface CallFaults {
  /** TransientCloudError, and nothing happened. For `list`: a page failed, so the listing did. */
  failRate?: number;
  /** TransientCloudError although it took effect: created, and the answer lost. */
  answerLostRate?: number;
  /** It takes effect and no answer ever comes, until the caller aborts. */
  hangRate?: number;
  /** RateLimitError, and nothing happened. */
  throttleRate?: number;
  /** What the RateLimitError says; without it the cloud names no time. */
  retryAfterMs?: number;
}

/** Capacity that is not to be had, by the scope that the CapacityError will carry. */
export interface OutOfCapacity {
  all?: boolean;
  quotaGroups?: readonly string[];
  /** Names of instance types. */
  instanceTypes?: readonly string[];
  /** Ids of offerings. */
  offerings?: readonly string[];
}

/**
 * Everything that can be wrong with a simulated cloud. A plain object: change it while the simulation runs, `healCloud`
 * it for the second phase.
 */
export interface CloudFaults {
  calls: Partial<Record<CloudVerb, CallFaults>>;
  /** Every call ends with an AuthError. */
  authBroken: boolean;
  /** How many VMs, foreign ones included, may exist that are not terminated. */
  quota: number;
  outOfCapacity: OutOfCapacity;
  /** Per VM of a batch but its first: not created, CapacityError. */
  partialBatchRate: number;
  /** Per VM: accepted, then terminated after the boot delay and reported among `launchFailures`. */
  launchFailureRate: number;
  /** Per VM: the cloud says running, the host never comes alive. */
  neverBootsRate: number;
  /** Per VM: stays pending until it is destroyed. */
  stuckPendingRate: number;
  /** Per call: accepted, and nothing happens. */
  destroyIgnoredRate: number;
  /** Per VM: carries no tags at all for `missingTagsMs`, so that a filtered listing does not show it. */
  missingTagsRate: number;
  missingTagsMs: number;
  /** A listing shows each VM as it was up to this long ago (drawn per listing); one younger than that is absent. */
  listLagMs: number;
  /** Per VM and listing: absent from listings for `vanishMs`, then back. */
  vanishRate: number;
  vanishMs: number;
  /** Mean time until a preemptible VM is taken away (exponential); 0 = never. */
  spotKillMeanMs: number;
  /** How long before it is taken away a preemptible VM gets notice. */
  spotNoticeMs: number;
  /** A new VM gets the address that was freed last, with another host key behind it. */
  reuseAddresses: boolean;
  /** The cloud publishes no host keys for the time being (`hostKeys` gives none). */
  hostKeysWithheld: boolean;
}

/** A cloud that does everything right, with these exceptions. */
export function cloudFaults(exceptions: Partial<CloudFaults> = {}): CloudFaults {
  return {
    calls: {},
    authBroken: false,
    quota: Number.POSITIVE_INFINITY,
    outOfCapacity: {},
    partialBatchRate: 0,
    launchFailureRate: 0,
    neverBootsRate: 0,
    stuckPendingRate: 0,
    destroyIgnoredRate: 0,
    missingTagsRate: 0,
    missingTagsMs: 30_000,
    listLagMs: 0,
    vanishRate: 0,
    vanishMs: 60_000,
    spotKillMeanMs: 0,
    spotNoticeMs: 120_000,
    reuseAddresses: false,
    hostKeysWithheld: false,
    ...exceptions,
  };
}

/** Puts every fault right, in place. VMs that are broken already stay as they are. */
export function healCloud(faults: CloudFaults): void {
  Object.assign(faults, cloudFaults());
}
