import { readFileSync } from 'node:fs';
import { ConfigError } from '@drover/spec';

/**
 * Reads a secret from where the configuration says it is: `file:PATH` or `env:NAME`. Literal secrets in the file are refused.
 * @throws ConfigError CONFIG_INVALID or CONFIG_UNREADABLE, naming the setting and never the value.
 */
export function readSecret(
  setting: string,
  reference: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (reference.startsWith('env:')) {
    const name = reference.slice('env:'.length);
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    throw problem(setting, 'CONFIG_UNREADABLE', `the environment variable ${name} is not set`, `export ${name}`);
  }
  if (reference.startsWith('file:')) {
    const value = readSecretFile(setting, reference.replace(/^file:(\/\/)?/, ''));
    if (value.trim() !== '') return value;
    throw problem(setting, 'CONFIG_UNREADABLE', 'the file is empty', 'write the secret into it');
  }
  throw problem(setting, 'CONFIG_INVALID', 'a secret is not written into the file', 'write file:PATH or env:NAME');
}

function readSecretFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw problem(setting, 'CONFIG_UNREADABLE', why, 'check the path and its permissions', error);
  }
}

function problem(
  setting: string,
  code: 'CONFIG_INVALID' | 'CONFIG_UNREADABLE',
  message: string,
  fix: string,
  cause?: unknown,
): ConfigError {
  return new ConfigError([{ code, path: setting, message: `"${setting}": ${message}`, fix }], { cause });
}
