import { openSqliteQueue, type SqliteQueue } from '@drover/queue-sqlite';
import { runnerSource } from '@drover/runner';
import type { ExecutorFactory, InstanceSet, InstanceType, RunnerSource } from '@drover/spec';
import { createSshExecutorFactory } from '@drover/ssh-executor';
import type { ConfigFile } from './config/config-schema.ts';
import { configuredInstanceTypes } from './config/instance-types.ts';
import { systemClock } from './ports/system-clock.ts';
import { systemRandom } from './ports/system-random.ts';
import { resolveDriver } from './resolve-driver.ts';
import { type SshIdentity, sshIdentity } from './ssh-identity.ts';
import type { StateDirectory } from './state-directory.ts';

/** Everything outside of one dispatcher, open. */
export interface OpenPorts {
  readonly instanceSetId: string;
  readonly instanceTypes: readonly InstanceType[];
  readonly instanceSet: InstanceSet;
  readonly queue: SqliteQueue;
  readonly executorFactory: ExecutorFactory;
  readonly runner: RunnerSource;
  readonly ssh: SshIdentity;
}

/**
 * Opens what the configuration names.
 * @throws ConfigError, or what the driver or the queue say
 */
export async function openPorts(
  config: ConfigFile,
  state: StateDirectory,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenPorts> {
  const driver = await resolveDriver(config.driver);
  const ssh = sshIdentity(config, state, env);
  const executorFactory = createSshExecutorFactory({
    privateKey: ssh.privateKey,
    clock: systemClock,
    random: systemRandom,
  });
  const instanceSetId = config.instanceSetId ?? state.keepRandom('instance-set-id', systemRandom, 8);
  const instanceTypes = await typesOf(config);
  const queue = await openSqliteQueue({
    path: config.queue.path ?? state.file('queue.db'),
    logsDirectory: config.queue.path === undefined ? state.file('logs') : `${config.queue.path}.logs`,
    clock: systemClock,
    random: systemRandom,
    clusterId: config.cluster,
  });
  const instanceSet = await driver.open({
    clock: systemClock,
    random: systemRandom,
    instanceSetId,
    tagKeyPrefix: config.pool.tagKeyPrefix ?? 'Arvados',
    instanceTypes,
    stateDirectory: state.path,
  });
  return {
    instanceSetId,
    instanceTypes,
    instanceSet,
    queue,
    executorFactory,
    runner: runnerSource(runnerOptions(config, state)),
    ssh,
  };
}

async function typesOf(config: ConfigFile): Promise<readonly InstanceType[]> {
  if (config.instanceTypes !== undefined) {
    return configuredInstanceTypes(config.instanceTypes, config.scheduling.preemptiblePriceFactor);
  }
  const { localhostInstanceType } = await import('@drover/driver-loopback');
  return [localhostInstanceType()];
}

/** Loopback VMs share this machine's files: the runner goes below the state directory and not into the system's folders. */
function runnerOptions(config: ConfigFile, state: StateDirectory): Parameters<typeof runnerSource>[0] {
  const { deployDirectory } = config.pool;
  if (deployDirectory !== undefined) return { deployDirectory };
  return config.driver.name === 'loopback' ? { deployDirectory: state.file('runner') } : {};
}
