import { type InstanceLock, openSqliteQueue, type SqliteQueue } from '@drover/queue-sqlite';
import { runnerSource } from '@drover/runner';
import type { ExecutorFactory, InstanceSet, InstanceType, RunnerSource } from '@drover/spec';
import { createSshExecutorFactory } from '@drover/ssh-executor';
import { bastionSettings } from './config/bastion-settings.ts';
import type { ConfigFile } from './config/config-schema.ts';
import { configuredTypes } from './config/instance-types.ts';
import { queueLimits } from './config/pool-settings.ts';
import { runnerSettings } from './config/runner-settings.ts';
import { readSecret } from './config/secret-reference.ts';
import { instanceSetIdFile } from './kept-instance-set-id.ts';
import { systemClock } from './ports/system-clock.ts';
import { systemRandom } from './ports/system-random.ts';
import { resolveDriver } from './resolve-driver.ts';
import { type SshIdentity, sshIdentity } from './ssh-identity.ts';
import { sweepRunnerState } from './shared-runner-state.ts';
import type { StateDirectory } from './state-directory.ts';

/** Everything outside of one dispatcher, open. */
export interface OpenPorts {
  readonly instanceSetId: string;
  readonly instanceTypes: readonly InstanceType[];
  readonly instanceSet: InstanceSet;
  readonly queue: SqliteQueue;
  readonly executorFactory: ExecutorFactory;
  readonly runner: RunnerSource;
  /** Where the runners of all VMs lie, if those share this machine's files. */
  readonly sharedRunnerDirectory: string | undefined;
  readonly ssh: SshIdentity;
  /** Of the API. */
  readonly token: string;
  /** Closes the queue and leaves the state directory to others. */
  readonly close: () => Promise<void>;
}

/**
 * Opens what the configuration names. The state directory is this dispatcher's alone from the first file that it reads there.
 * @throws ConfigError, DroverError QUEUE_IN_USE, or what the driver or the queue say; nothing is left open then
 */
export async function openPorts(
  config: ConfigFile,
  state: StateDirectory,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenPorts> {
  const driver = await resolveDriver(config.driver, env);
  const lock = state.lock();
  let queue: SqliteQueue | undefined;
  try {
    const { token: reference } = config.api;
    const token =
      reference === undefined ? state.keepRandom('token', systemRandom, 24) : readSecret('api.token', reference, env);
    const ssh = sshIdentity(config, state, env);
    const privateKey = ssh.privateKey;
    const executorFactory = createSshExecutorFactory({
      privateKey,
      clock: systemClock,
      random: systemRandom,
      ...bastionSettings(config, env),
    });
    const instanceSetId = config.instanceSetId ?? state.keepRandom(instanceSetIdFile, systemRandom, 8);
    const instanceTypes = await configuredTypes(config);
    queue = await openQueue(config, state);
    const instanceSet = await driver.open({
      clock: systemClock,
      random: systemRandom,
      instanceSetId,
      tagKeyPrefix: config.pool.tagKeyPrefix ?? 'Arvados',
      instanceTypes,
      stateDirectory: state.path,
    });
    const sharedRunnerDirectory = sharedDirectory(config, state);
    if (sharedRunnerDirectory !== undefined) await sweepAgainst(instanceSet, sharedRunnerDirectory);
    const runner = runnerSource(
      runnerSettings(config, {
        preemptionWatch: driver.preemptionWatch,
        cacheDirectory: state.file('packed'),
        sharedDirectory: sharedRunnerDirectory,
      }),
    );
    const close = (): Promise<void> => closePorts(lock, queue);
    return {
      instanceSetId,
      instanceTypes,
      instanceSet,
      queue,
      executorFactory,
      runner,
      ssh,
      token,
      sharedRunnerDirectory,
      close,
    };
  } catch (error) {
    await closePorts(lock, queue);
    throw error;
  }
}

function openQueue(config: ConfigFile, state: StateDirectory): Promise<SqliteQueue> {
  const { path } = config.queue;
  return openSqliteQueue({
    path: path ?? state.file('queue.db'),
    logsDirectory: path === undefined ? state.file('logs') : `${path}.logs`,
    clock: systemClock,
    random: systemRandom,
    clusterId: config.cluster,
    limits: queueLimits(config),
  });
}

async function closePorts(lock: InstanceLock, queue: SqliteQueue | undefined): Promise<void> {
  try {
    await queue?.close();
  } finally {
    lock.release();
  }
}

/** Loopback VMs share this machine's files: the runner goes below the state directory and not into the system's folders. */
function sharedDirectory(config: ConfigFile, state: StateDirectory): string | undefined {
  return config.driver.name === 'loopback' ? (config.pool.deployDirectory ?? state.file('runner')) : undefined;
}

async function sweepAgainst(instanceSet: InstanceSet, deployDirectory: string): Promise<void> {
  const { instances } = await instanceSet.list({}, { signal: AbortSignal.timeout(10_000) });
  await sweepRunnerState(
    deployDirectory,
    instances.map((instance) => instance.id),
  );
}
