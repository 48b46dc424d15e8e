/** Defaults of the Azure driver; those with a name in the reference's configuration have its values. */
export const azureDefaults = {
  cloudEnvironment: 'AzurePublicCloud',
  location: 'centralus',
  /** How long a network interface or disk of ours has been seen with no VM before it is removed. */
  deleteDanglingResourcesAfterMs: 20_000,
  /** The account on the VM that gets the key. Azure refuses `root`. */
  adminUsername: 'drover',
  /** For the disk of the system and for added scratch; every VM size takes it. */
  diskType: 'StandardSSD_LRS',
} as const;

/** Times and numbers that nobody has needed to change. */
export const azureTimes = {
  /** Between two looks at a create that goes on; Azure asks for 10 s. */
  followEveryMs: 10_000,
  /** With many creates under way, so many looks per second together. */
  followsPerSecond: 4,
  /** Between two looks at a removal that goes on. */
  removalLookMs: 5_000,
  /** A removal that takes longer is left to the search for dangling resources. */
  removalDeadlineMs: 600_000,
  /** Between two searches for dangling resources; two lists each. */
  danglingEveryMs: 60_000,
  /** How long Azure may deny that a VM exists which it has just accepted: its caches in other regions are late. */
  visibleWithinMs: 60_000,
  /** Asked for by a 429 that says nothing. */
  rateLimitMs: 60_000,
  /** Calls of one batch, of clean-up, or about VMs that failed, at the same time. */
  parallelCreates: 10,
  parallelRemovals: 4,
  parallelLooks: 10,
} as const;

/** Limits that Azure documents. */
export const azureLimits = {
  customDataBytes: 65_535,
  tags: 50,
  tagKeyLength: 512,
  tagValueLength: 256,
} as const;
