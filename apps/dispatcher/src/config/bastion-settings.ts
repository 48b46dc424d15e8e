import type { BastionOptions } from '@drover/ssh-executor';
import type { ConfigFile } from './config-schema.ts';
import { readSecret } from './secret-reference.ts';

/**
 * The jump host that the configuration names, if any. @throws ConfigError when its key cannot be read; that it has host keys is the
 * schema's affair
 */
export function bastionSettings(
  { ssh: { bastion } }: Pick<ConfigFile, 'ssh'>,
  env: Readonly<Record<string, string | undefined>>,
): { readonly bastion?: BastionOptions } {
  if (bastion === undefined) return {};
  const { address, user, hostKeys, privateKey } = bastion;
  const key = privateKey === undefined ? {} : { privateKey: readSecret('ssh.bastion.privateKey', privateKey, env) };
  return { bastion: { address, user, hostKeys, ...key } };
}
