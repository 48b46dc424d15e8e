/** Defaults of the Google Compute Engine driver. */
export const gceDefaults = {
  /** The account on the VM that gets the key. */
  adminUsername: 'drover',
  bootDiskGib: 20,
  diskType: 'pd-balanced',
  /** VMs are called `<prefix>-<hash>`. */
  namePrefix: 'drover',
  /** Where Google serves the API. */
  apiEndpoint: 'https://compute.googleapis.com',
} as const;

/** How long and how much at once. Not configurable; tests change them. */
export const gceTimings = {
  /** How long a create waits for its operation. Within the pool's deadline for a create (300 s), with room to look the VM up. */
  createWaitMs: 120_000,
  /** How long a launch that a create did not wait for is followed in the background. */
  followMs: 3_600_000,
  /** How long a change of labels or metadata waits for its operation; it takes a second or two. */
  changeWaitMs: 30_000,
  /** Between two looks at an operation, unless the first has lasted that long. */
  pollPauseMs: 2_000,
  /** Inserts of one batch that are under way at once: each is three calls, and the rate quota is per minute. */
  parallelInserts: 10,
  /** A page of this many instances is decoded within a few milliseconds; the loop is free between pages. */
  pageSize: 100,
  /** How long a failed launch is reported with every listing. */
  rememberFailuresMs: 600_000,
} as const;

/** The same, as tests may have them. */
export type GceTimings = { readonly [Name in keyof typeof gceTimings]: number };

/**
 * How often calls may be made. Google counts requests per minute and refuses the rest of that minute; by default a project has 1,500
 * that change something and 1,500 that read one thing, in each region (its page on rate quotas). A create is an insert for each VM of
 * the batch, and looks at its operation. These leave room for others in the project; a quota that is lower is found out by refusals.
 */
export const gceCallRates = {
  Create: { burst: 20, perSecond: 1 },
  Destroy: { burst: 200, perSecond: 10 },
  SetTags: { burst: 100, perSecond: 5 },
  Describe: { burst: 200, perSecond: 10 },
  HostKeys: { burst: 100, perSecond: 5 },
} as const;

/** Limits of Compute Engine (its documentation on labels, metadata and names). */
export const gceLimits = {
  labels: 64,
  labelLength: 63,
  metadataValueBytes: 262_144,
  metadataBytes: 524_288,
  /** Size of one local SSD. */
  localSsdGib: 375,
  /** How many local SSDs a VM may have. */
  localSsdCounts: [1, 2, 3, 4, 5, 6, 7, 8, 16, 24],
} as const;
