/** Defaults of the EC2 driver; those with a name in the reference's configuration have its values. */
export const ec2Defaults = {
  /** Type of EBS volumes for added scratch. */
  ebsType: 'gp2',
  /** USD per GiB and month. */
  ebsPrice: 0.1,
  /** The account on the VM that gets the key. */
  adminUsername: 'crunch',
  /** How long a list of spot prices is good; 0 switches price history off. */
  spotPriceUpdateIntervalMs: 24 * 3_600_000,
  /** What the names of imported key pairs begin with. */
  keyPairPrefix: 'drover',
} as const;

/** Limits of EC2's, from its API reference and user guide. */
export const ec2Limits = {
  /** Of user data before it is encoded. */
  userDataBytes: 16_384,
  tagsPerResource: 50,
  tagKeyLength: 128,
  tagValueLength: 256,
  clientTokenLength: 64,
} as const;

/**
 * How often calls may be made. AWS's own figures for an account without a special agreement allow more at once: the bucket of
 * RunInstances has 5 and gets 2 a second, that of TerminateInstances 100 and 5, that of CreateTags 100 and 10, those of the Describe
 * calls and GetConsoleOutput 100 and 20. Refills come once a second, all of that second together, and calls do not arrive as evenly as
 * they are sent: who spends a full bucket at once, and then what should have come, is refused. Two less are never too many.
 */
export const ec2CallRates = {
  Create: { burst: 3, perSecond: 2 },
  Destroy: { burst: 99, perSecond: 5 },
  SetTags: { burst: 99, perSecond: 10 },
  Describe: { burst: 50, perSecond: 10 },
  HostKeys: { burst: 99, perSecond: 20 },
} as const;

/** Figures that nobody has needed to change. */
export const ec2Times = {
  /** A new VM may be missing from any answer for so long; AWS names no bound, the reference waits as long before it believes. */
  youngMs: 5 * 60_000,
  /** How long an answer about a VM's host keys is good. */
  hostKeysGoodMs: 30_000,
  connectTimeoutMs: 10_000,
  /** Larger pages block the event loop for as long as they take to parse; a smaller one costs more calls. */
  listPageSize: 100,
  /** A difference between the clocks beyond which AWS refuses signatures. */
  maxClockOffsetMs: 5 * 60_000,
  /** A difference that somebody should know about. */
  suspiciousClockOffsetMs: 30_000,
  /** Fewer free addresses in a subnet are worth a warning. */
  fewAddresses: 8,
} as const;

/** Tags of the driver's own, on every VM that it creates. They never show in an `Instance`. */
export const ownTags = {
  createId: 'drover:create-id',
  offeringId: 'drover:offering-id',
} as const;
