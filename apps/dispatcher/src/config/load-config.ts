import { readFileSync } from 'node:fs';
import { ConfigError } from '@drover/spec';
import type { ConfigFile } from './config-schema.ts';
import { type ConfigSources, mergeConfig } from './config-sources.ts';

/** Flags by dotted setting, e.g. `{'api.port': 0}`. */
export type ConfigFlags = Readonly<Record<string, unknown>>;

/**
 * Flags over environment (`DROVER__POOL__MAX_INSTANCES`) over file over defaults.
 * @throws ConfigError with all problems at once.
 */
export function loadConfig(path: string | undefined, env: ConfigSources['env'], flags: ConfigFlags = {}): ConfigFile {
  return mergeConfig(configSources(path, env, flags));
}

/** Reads the file. @throws ConfigError CONFIG_UNREADABLE */
export function configSources(
  path: string | undefined,
  env: ConfigSources['env'],
  flags: ConfigFlags = {},
): ConfigSources {
  return { env, flags, ...(path === undefined ? {} : { file: { path, text: readConfigFile(path) } }) };
}

function readConfigFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem = { code: 'CONFIG_UNREADABLE', path: '', message: `cannot read ${path}: ${why}` } as const;
    throw new ConfigError([{ ...problem, fix: 'check the path given with -c' }], { cause: error });
  }
}
