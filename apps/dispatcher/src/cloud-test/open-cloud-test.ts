import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { poolOptions } from '@drover/pool';
import { runnerSource } from '@drover/runner';
import type { InstanceSet, InstanceType } from '@drover/spec';
import { createSshExecutorFactory, generateSshKeyPair } from '@drover/ssh-executor';
import { throttled } from '@drover/throttle';
import type { ConfigFile } from '../config/config-schema.ts';
import { configuredTypes } from '../config/instance-types.ts';
import { poolSettings } from '../config/pool-settings.ts';
import { bastionSettings } from '../config/bastion-settings.ts';
import { runnerSettings } from '../config/runner-settings.ts';
import { keptInstanceSetId } from '../kept-instance-set-id.ts';
import { systemClock } from '../ports/system-clock.ts';
import { systemRandom } from '../ports/system-random.ts';
import { resolveDriver } from '../resolve-driver.ts';
import { type SshIdentity, sshIdentity } from '../ssh-identity.ts';
import { StateDirectory } from '../state-directory.ts';
import type { CloudTestContext } from './cloud-test-types.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The cloud that a configuration names, open under an instance set of the test's own. */
export interface OpenCloudTest {
  readonly instanceTypes: readonly InstanceType[];
  readonly context: Pick<
    CloudTestContext,
    'clock' | 'random' | 'instanceSet' | 'executorFactory' | 'runner' | 'options'
  >;
  /** Takes away what it has put on this machine, unless VMs are left whose files are there. */
  close(leftVms: boolean): Promise<void>;
}

/**
 * Opens what a test needs, by the same settings as a dispatcher. The instance set is the dispatcher's with `-cloudtest` (or
 * another purpose) behind it,
 * so that neither touches the other's VMs, and a later test finds what an earlier one may have left.
 * @throws ConfigError, DroverError RUNNER_UNAVAILABLE, what the driver says
 */
export async function openCloudTest(
  config: ConfigFile,
  env: Environment,
  over: { readonly imageId?: string; readonly purpose?: string } = {},
): Promise<OpenCloudTest> {
  const driver = await resolveDriver(config.driver, env);
  const instanceTypes = await configuredTypes(config);
  const { purpose = 'cloudtest', ...image } = over;
  const folder = new TestFolder(config.stateDirectory, purpose);
  let instanceSet: InstanceSet | undefined;
  try {
    const { privateKey, authorizedKey } = testKey(config, env);
    const instanceSetId = `${config.instanceSetId ?? keptInstanceSetId(config.stateDirectory) ?? 'drover'}-${purpose}`;
    const options = poolOptions({ instanceSetId, instanceTypes, authorizedKey, ...poolSettings(config), ...image });
    instanceSet = await driver.open({
      clock: systemClock,
      random: systemRandom,
      instanceSetId,
      tagKeyPrefix: options.tagKeyPrefix,
      instanceTypes,
      stateDirectory: folder.path,
    });
    const sharedDirectory = driver.name === 'loopback' ? folder.file('runner') : undefined;
    const settings = runnerSettings(config, {
      preemptionWatch: driver.preemptionWatch,
      cacheDirectory: folder.file('packed'),
      sharedDirectory,
    });
    const runner = await runnerSource(settings).load({ signal: AbortSignal.timeout(60_000) });
    const set = throttled(instanceSet, {
      clock: systemClock,
      observe: () => undefined,
      options: options.throttle,
      onWake: () => undefined,
    });
    const executorFactory = createSshExecutorFactory({
      privateKey,
      clock: systemClock,
      random: systemRandom,
      ...bastionSettings(config, env),
    });
    return {
      instanceTypes,
      context: { clock: systemClock, random: systemRandom, instanceSet: set, executorFactory, runner, options },
      close: async (leftVms) => {
        await set.close();
        if (!leftVms) folder.remove();
      },
    };
  } catch (error) {
    await instanceSet?.close();
    folder.remove();
    throw error;
  }
}

/**
 * The dispatcher's own key, made now if need be: clouds keep the public half under a name of its own, and a key for each test would
 * leave one behind each time. Only where there is none yet and no cloud that would keep it, one for this test alone.
 */
function testKey(config: ConfigFile, env: Environment): SshIdentity {
  const isKept = config.ssh.privateKey !== undefined || existsSync(join(config.stateDirectory, 'ssh_key'));
  if (isKept || config.driver.name !== 'loopback')
    return sshIdentity(config, new StateDirectory(config.stateDirectory), env);
  const pair = generateSshKeyPair({ comment: 'drover-cloudtest' });
  return { privateKey: pair.privateKeyPem, authorizedKey: pair.publicKeyOpenSsh };
}

/** Where a driver keeps its files during a test: below the state directory, which is removed too if it was made for this. */
class TestFolder {
  readonly path: string;
  readonly #madeFor: string | undefined;

  constructor(stateDirectory: string, purpose: string) {
    const state = resolve(stateDirectory);
    this.#madeFor = mkdirSync(state, { recursive: true, mode: 0o700 });
    this.path = join(state, purpose);
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
    if (this.#madeFor === undefined) return;
    try {
      rmdirSync(resolve(this.path, '..'));
    } catch {
      // A dispatcher has been started there meanwhile.
    }
  }
}
