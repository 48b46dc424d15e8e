import type { ConfigFile } from './config-schema.ts';
import { cloudSettings } from './cloud-settings.ts';
import { loopbackSettings } from './loopback-settings.ts';

/** What `pool:` of the file sets, by the pool's own names; what is absent stays absent, so that defaults live in the pool. */
export function poolSettings(config: ConfigFile) {
  const { pool, ssh } = config;
  const configured = present({
    maxInstances: pool.maxInstances,
    maxConcurrentCreates: pool.maxConcurrentCreates,
    maxProbesPerSecond: pool.maxProbesPerSecond,
    maxUses: pool.maxUsesPerInstance,
    maxAgeMs: pool.maxInstanceAge,
    syncIntervalMs: pool.syncInterval,
    probeIntervalMs: pool.probeInterval,
    timeoutIdleMs: pool.timeoutIdle,
    timeoutBootingMs: pool.timeoutBooting,
    timeoutProbeMs: pool.timeoutProbe,
    probeTimeoutMs: pool.probeTimeout,
    replyTimeoutMs: pool.replyTimeout,
    bootRetryMs: pool.bootRetryInterval,
    killGraceMs: pool.killGrace,
    timeoutShutdownMs: pool.timeoutShutdown,
    timeoutTermMs: pool.timeoutTerm,
    timeoutSignalMs: pool.timeoutSignal,
    timeoutStaleRunLockMs: pool.timeoutStaleRunLock,
    bootProbeCommand: pool.bootProbeCommand,
    instanceInitCommand: pool.instanceInitCommand,
    imageId: pool.imageId,
    tagKeyPrefix: pool.tagKeyPrefix,
    resourceTags: pool.resourceTags,
    throttle: present({ maxCloudOpsPerSecond: pool.maxCloudOpsPerSecond }),
    adminUser: ssh.user,
    sshPort: ssh.port,
  });
  const { driver } = config;
  return { ...(driver.name === 'loopback' ? loopbackSettings(driver) : cloudSettings(driver)), ...configured };
}

/** The same for `scheduling:`. */
export function schedulingSettings(config: ConfigFile) {
  const { scheduling } = config;
  return present({
    maxContainersPerInstance: scheduling.maxContainersPerInstance,
    initialQuotaEstimate: scheduling.initialQuotaEstimate,
    supervisorFraction: scheduling.supervisorFraction,
    maximumPriceFactor: scheduling.maximumPriceFactor,
    reserveExtraRamBytes: scheduling.reserveExtraRam,
  });
}

/** The same for the scheduler's shell. */
export function pacingSettings(config: ConfigFile) {
  const { pollInterval, staleLockTimeout } = config.scheduling;
  return present({ pollIntervalMs: pollInterval, staleLockTimeoutMs: staleLockTimeout });
}

/** The same for what the queue itself decides. */
export function queueLimits({ scheduling }: ConfigFile) {
  return present({
    infrastructureFailures: scheduling.infrastructureAttempts,
    interruptions: scheduling.spotInterruptions,
  });
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops what is undefined, so that spreading it over defaults keeps them. */
function present<T extends object>(settings: T): Present<T>;
function present(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
