import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerSource } from '@drover/runner';
import { type CallOptions, ConfigError, type InstanceSet, type InstanceType } from '@drover/spec';
import { authorizedKeyOf, generateSshKeyPair } from '@drover/ssh-executor';
import type { ConfigFile } from '../config/config-schema.ts';
import { configuredTypes } from '../config/instance-types.ts';
import { loadCheckedConfig } from '../config/load-checked-config.ts';
import { poolSettings } from '../config/pool-settings.ts';
import { readSecret } from '../config/secret-reference.ts';
import { keptInstanceSetId } from '../kept-instance-set-id.ts';
import { systemClock } from '../ports/system-clock.ts';
import { systemRandom } from '../ports/system-random.ts';
import { resolveDriver } from '../resolve-driver.ts';
import { checkApi } from './check-api.ts';
import { checkClock } from './check-clock.ts';
import { checkKey } from './check-key.ts';
import { checkQueueFile, checkStateDirectory } from './check-state.ts';
import { checkTypes } from './check-types.ts';
import { type DoctorCheck, type DoctorReport, failed, ok } from './doctor-check.ts';
import { nearestFolder } from './nearest-folder.ts';

/** How long a driver's own checks may take together. */
const preflightTimeoutMs = 120_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Checks a configuration without cost and without a trace: nothing is created, and a dispatcher that runs is left alone. */
export async function runDoctor(
  path: string | undefined,
  env: Environment,
  options: CallOptions,
): Promise<DoctorReport> {
  const what = path ?? 'the defaults and the environment';
  let config: ConfigFile;
  try {
    config = await loadCheckedConfig(path, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ok: false, checks: configProblems(error) };
  }
  const checks = [
    ok('config', `${what}: no problems`),
    checkStateDirectory(config),
    checkQueueFile(config),
    await checkApi(config),
    checkKey(config),
    checkClock(systemClock.wallMs()),
    await checkRunner(options),
    ...(await checkDriver(config, env, options)),
  ];
  return { ok: checks.every(({ outcome }) => outcome !== 'failed'), checks };
}

/** Nothing else can be looked at while it is not known what is meant. */
function configProblems({ problems }: ConfigError): readonly DoctorCheck[] {
  return problems.map(({ code, path, message, fix, file, line, column }) => {
    const place = file === undefined ? '' : `${file}:${line ?? 1}:${column ?? 1}: `;
    const setting = path === '' ? {} : { setting: path };
    return { subject: 'config', outcome: 'failed', message: place + message, code, ...setting, ...(fix && { fix }) };
  });
}

async function checkRunner(options: CallOptions): Promise<DoctorCheck> {
  try {
    const { files } = await runnerSource().load(options);
    const platforms = files.flatMap(({ platform }) => platform ?? []);
    return ok('runner', `can be loaded; it runs on ${[...new Set(platforms)].join(', ')}`);
  } catch (error) {
    return failed('runner', error);
  }
}

async function checkDriver(
  config: ConfigFile,
  env: Environment,
  options: CallOptions,
): Promise<readonly DoctorCheck[]> {
  const { name } = config.driver;
  const folder = temporaryFolder(config.stateDirectory);
  let instanceSet: InstanceSet | undefined;
  try {
    const instanceTypes = await configuredTypes(config);
    const driver = await resolveDriver(config.driver, env);
    instanceSet = await driver.open({
      clock: systemClock,
      random: systemRandom,
      instanceSetId: `${config.instanceSetId ?? keptInstanceSetId(config.stateDirectory) ?? 'drover'}-doctor`,
      tagKeyPrefix: poolSettings(config).tagKeyPrefix ?? 'Arvados',
      instanceTypes,
      stateDirectory: folder,
    });
    return [
      ok('driver', `${name} is loaded`),
      ...checkTypes(config, instanceTypes, instanceSet),
      ...(await preflight(config, { instanceTypes, instanceSet, env }, options)),
    ];
  } catch (error) {
    return [failed('driver', error, 'driver')];
  } finally {
    await instanceSet?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside the state directory, where that will be, so that a driver sees the same disk. */
function temporaryFolder(stateDirectory: string): string {
  try {
    return mkdtempSync(join(nearestFolder(stateDirectory), '.drover-doctor-'));
  } catch {
    return mkdtempSync(join(tmpdir(), 'drover-doctor-'));
  }
}

async function preflight(
  config: ConfigFile,
  {
    instanceTypes,
    instanceSet,
    env,
  }: { readonly instanceTypes: readonly InstanceType[]; readonly instanceSet: InstanceSet; readonly env: Environment },
  { signal }: CallOptions,
): Promise<readonly DoctorCheck[]> {
  const { name } = config.driver;
  const { maxInstances, imageId = '' } = poolSettings(config);
  const request = {
    instanceTypes,
    imageId,
    authorizedKey: publicKey(config, env),
    ...(maxInstances === undefined ? {} : { maxInstances }),
  };
  const given = AbortSignal.any([signal, AbortSignal.timeout(preflightTimeoutMs)]);
  const found = await instanceSet.preflight?.(request, { signal: given });
  return found ?? [{ subject: 'driver', outcome: 'skipped', message: `the driver ${name} has no checks of its own` }];
}

/** The one that new VMs would get. One of drover's own may not be made yet: any other of its kind stands in for it. */
function publicKey({ ssh: { deployPublicKey, privateKey }, stateDirectory }: ConfigFile, env: Environment): string {
  if (!deployPublicKey) return '';
  if (privateKey !== undefined) return authorizedKeyOf(readSecret('ssh.privateKey', privateKey, env));
  const kept = join(stateDirectory, 'ssh_key.pub');
  if (existsSync(kept)) return readFileSync(kept, 'utf8').trim();
  return generateSshKeyPair({ comment: 'drover' }).publicKeyOpenSsh;
}
