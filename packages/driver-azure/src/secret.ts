import { readFileSync } from 'node:fs';
import { ConfigError } from '@drover/spec';

/**
 * Reads a secret from where the parameter says it is: `file:PATH` or `env:NAME`.
 * @throws ConfigError CONFIG_UNREADABLE, naming the setting and never the value.
 */
export function readSecret(setting: string, reference: string): string {
  const [, kind, place = ''] = /^(env|file):(.+)$/s.exec(reference) ?? [];
  const value = kind === 'env' ? process.env[place] : readFile(setting, place.replace(/^\/\//, ''));
  if (value !== undefined && value.trim() !== '') return value;
  throw unreadable(setting, kind === 'env' ? `the environment variable ${place} is not set` : 'the file is empty');
}

function readFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw unreadable(setting, error instanceof Error ? error.message : String(error), error);
  }
}

function unreadable(setting: string, why: string, cause?: unknown): ConfigError {
  const problem = {
    code: 'CONFIG_UNREADABLE',
    path: setting,
    message: `"${setting}": ${why}`,
    fix: 'put the client secret there',
  } as const;
  return new ConfigError([problem], { cause });
}
