import { byPlace } from '@drover/management-api';
import { ConfigError, DroverError, type Problem } from '@drover/spec';
import { createSshExecutorFactory } from '@drover/ssh-executor';
import { systemClock } from '../ports/system-clock.ts';
import { systemRandom } from '../ports/system-random.ts';
import { resolveDriver } from '../resolve-driver.ts';
import type { ConfigFile } from './config-schema.ts';
import { type ConfigSources, mergeSources, parseSources } from './config-sources.ts';
import { type ConfigFlags, configSources } from './load-config.ts';
import { readSecret } from './secret-reference.ts';

/**
 * Like `loadConfig`, and looks beyond the schema, as far as that costs nothing and leaves no trace: is there such a driver, does it
 * accept its parameters, can the secrets be read, is the key one?
 * @throws ConfigError with all problems at once, those of the file in its order
 */
export async function loadCheckedConfig(
  path: string | undefined,
  env: ConfigSources['env'],
  flags: ConfigFlags = {},
): Promise<ConfigFile> {
  const merged = mergeSources(configSources(path, env, flags));
  const problems: Problem[] = [];
  const collect = async <T>(check: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map(merged.blame));
      return undefined;
    }
  };
  const config = await collect(() => parseSources(merged));
  const driver = field(merged.value, 'driver');
  const name = field(driver, 'name');
  if (typeof name === 'string' && name !== '')
    await collect(async () => resolveDriver({ ...Object(driver), name }, env));
  const token = field(field(merged.value, 'api'), 'token');
  if (typeof token === 'string') await collect(() => readSecret('api.token', token, env));
  const key = field(field(merged.value, 'ssh'), 'privateKey');
  if (typeof key === 'string') await collect(() => checkKey(readSecret('ssh.privateKey', key, env)));
  const bastionKey = field(field(field(merged.value, 'ssh'), 'bastion'), 'privateKey');
  if (typeof bastionKey === 'string') await collect(() => readSecret('ssh.bastion.privateKey', bastionKey, env));
  if (config === undefined || problems.length > 0) throw new ConfigError(problems.toSorted(byPlace));
  return config;
}

/** @throws ConfigError when SSH cannot do anything with the key. */
function checkKey(privateKey: string): void {
  try {
    createSshExecutorFactory({ privateKey, clock: systemClock, random: systemRandom });
  } catch (error) {
    if (!DroverError.is(error)) throw error;
    const { code, message, fix } = error;
    const problem = { code, path: 'ssh.privateKey', message, ...(fix === undefined ? {} : { fix }) };
    throw new ConfigError([problem], { cause: error });
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
