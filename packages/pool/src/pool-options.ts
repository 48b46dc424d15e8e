import type { InstanceType } from '@drover/spec';
import { defaultThrottleOptions, type ThrottleOptions } from '@drover/throttle';

/** Every setting of the pool. Durations in milliseconds. */
export interface PoolOptions {
  readonly instanceSetId: string;
  readonly instanceTypes: readonly InstanceType[];
  /** Put before every tag key. */
  readonly tagKeyPrefix: string;
  /** Set on every VM beside the pool's own tags, which win; keys without prefix. */
  readonly resourceTags: Readonly<Record<string, string>>;
  readonly imageId: string;
  /** Runs once as root at first boot, after the secret file is written. */
  readonly instanceInitCommand: string;
  /** OpenSSH public key for the admin user; empty: the image brings its own. */
  readonly authorizedKey: string;

  readonly adminUser: string;
  /** Number or service name; a port in an instance's address wins. */
  readonly sshPort: number | string;
  /** Where a VM shows the secret that only its creator knows. */
  readonly instanceSecretPath: string;
  /** Says by exit code 0 that a VM is up; empty means `true`. */
  readonly bootProbeCommand: string;

  /** Workers and creates in flight; 0: unlimited. */
  readonly maxInstances: number;
  /** Create calls at a time; 0: unlimited. */
  readonly maxConcurrentCreates: number;
  /** VMs of one create call. */
  readonly maxCreateBatch: number;
  readonly maxProbesPerSecond: number;
  /** Starts after which a VM takes no more; 0: unlimited. */
  readonly maxUses: number;
  /** Age after which a VM takes no more; 0: unlimited. */
  readonly maxAgeMs: number;

  readonly syncIntervalMs: number;
  readonly probeIntervalMs: number;
  /** At least this long between two attempts at a booting VM: sshd drops those who knock too often. */
  readonly bootRetryMs: number;
  readonly probeTimeoutMs: number;
  readonly timeoutIdleMs: number;
  readonly timeoutBootingMs: number;
  readonly timeoutProbeMs: number;
  readonly timeoutShutdownMs: number;
  readonly timeoutTermMs: number;
  readonly timeoutSignalMs: number;
  readonly timeoutStaleRunLockMs: number;
  /** How long a cloud's lists and lookups may miss a VM that was just created. */
  readonly consistencyMs: number;
  /** First wait after credentials or a request were refused; doubles up to ten times as much. */
  readonly cloudErrorRetryMs: number;

  /** The runner's leases, see RunnerLeases. */
  readonly acceptLeaseMs: number;
  /** Added to it before it counts as over: what was on its way when a channel closed may have renewed it once more. */
  readonly leaseMarginMs: number;
  readonly deadManLeaseMs: number;
  /** A start or another request unanswered for this long means that the channel is dead. */
  readonly replyTimeoutMs: number;
  /** First wait before an established worker's channel is opened anew; doubles up to `probeIntervalMs`. */
  readonly reconnectMs: number;

  /** Limits of every run that its container does not set. */
  readonly maxLogBytes: number;
  readonly killGraceMs: number;
  /** A run that ends sooner, through no fault of its own, speaks against its VM. */
  readonly fastFailureMs: number;
  /** So many different containers in a row make a VM suspect. */
  readonly blackHoleStrikes: number;

  readonly throttle: ThrottleOptions;
}

/** What has no default. */
export type RequiredPoolOptions = Pick<PoolOptions, 'instanceSetId' | 'instanceTypes'>;

/** The options as a caller gives them. */
export type PoolOptionsInput = RequiredPoolOptions &
  Partial<Omit<PoolOptions, 'throttle'>> & { readonly throttle?: Partial<ThrottleOptions> };

/**
 * The defaults. Those of the reference where it has the setting, except: 100 probes/s (a channel makes them cheap), 10 creates at a
 * time (Azure allows 20 per image). Ours alone: everything from `maxCreateBatch` on that the reference does not know.
 */
export const defaultPoolOptions: Omit<PoolOptions, keyof RequiredPoolOptions> = {
  tagKeyPrefix: 'Arvados',
  resourceTags: {},
  imageId: '',
  instanceInitCommand: '',
  authorizedKey: '',
  adminUser: 'root',
  sshPort: 22,
  instanceSecretPath: '/var/run/arvados-instance-secret',
  bootProbeCommand: 'systemctl is-system-running',
  maxInstances: 64,
  maxConcurrentCreates: 10,
  maxCreateBatch: 20,
  maxProbesPerSecond: 100,
  maxUses: 0,
  maxAgeMs: 0,
  syncIntervalMs: 60_000,
  probeIntervalMs: 10_000,
  bootRetryMs: 10_000,
  probeTimeoutMs: 30_000,
  timeoutIdleMs: 60_000,
  timeoutBootingMs: 600_000,
  timeoutProbeMs: 600_000,
  timeoutShutdownMs: 10_000,
  timeoutTermMs: 120_000,
  timeoutSignalMs: 5_000,
  timeoutStaleRunLockMs: 5_000,
  consistencyMs: 60_000,
  cloudErrorRetryMs: 60_000,
  acceptLeaseMs: 60_000,
  leaseMarginMs: 10_000,
  deadManLeaseMs: 3_600_000,
  replyTimeoutMs: 30_000,
  reconnectMs: 1_000,
  maxLogBytes: 16 * 1024 * 1024,
  killGraceMs: 10_000,
  fastFailureMs: 5_000,
  blackHoleStrikes: 3,
  throttle: defaultThrottleOptions,
};

/** Durations of which 0 or less means the default. */
const durations = [
  'syncIntervalMs',
  'probeIntervalMs',
  'bootRetryMs',
  'probeTimeoutMs',
  'timeoutIdleMs',
  'timeoutBootingMs',
  'timeoutProbeMs',
  'timeoutShutdownMs',
  'timeoutTermMs',
  'timeoutSignalMs',
  'timeoutStaleRunLockMs',
  'consistencyMs',
  'cloudErrorRetryMs',
  'acceptLeaseMs',
  'replyTimeoutMs',
  'reconnectMs',
] as const satisfies readonly (keyof PoolOptions)[];

/** Fills in the defaults: durations that are not positive count as absent, fewer than one probe per second means 10. */
export function poolOptions(input: PoolOptionsInput): PoolOptions {
  const throttle = { ...defaultThrottleOptions, ...input.throttle };
  const options = { ...defaultPoolOptions, ...input, throttle };
  for (const key of durations) if (!(options[key] > 0)) options[key] = defaultPoolOptions[key];
  if (!(options.maxProbesPerSecond >= 1)) options.maxProbesPerSecond = 10;
  if (options.bootProbeCommand === '') options.bootProbeCommand = 'true';
  return options;
}
