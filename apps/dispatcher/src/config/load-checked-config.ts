import { byPlace } from '@drover/management-api';
import { ConfigError, type Problem } from '@drover/spec';
import { resolveDriver } from '../resolve-driver.ts';
import type { ConfigFile } from './config-schema.ts';
import { type ConfigSources, mergeSources, parseSources } from './config-sources.ts';
import { type ConfigFlags, configSources } from './load-config.ts';
import { readSecret } from './secret-reference.ts';

/** Settings that say where a secret is. */
const secretSettings = [
  ['api', 'token'],
  ['ssh', 'privateKey'],
] as const;

/**
 * Like `loadConfig`, and looks beyond the schema, as far as that costs nothing and leaves no trace: is there such a driver, does it
 * accept its parameters, can the secrets be read?
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
  if (typeof name === 'string' && name !== '') await collect(async () => resolveDriver({ ...Object(driver), name }));
  for (const [section, key] of secretSettings) {
    const reference = field(field(merged.value, section), key);
    if (typeof reference === 'string') await collect(() => readSecret(`${section}.${key}`, reference, env));
  }
  if (config === undefined || problems.length > 0) throw new ConfigError(problems.toSorted(byPlace));
  return config;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
