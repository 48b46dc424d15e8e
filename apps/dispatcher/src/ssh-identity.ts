import { authorizedKeyOf, generateSshKeyPair } from '@drover/ssh-executor';
import type { ConfigFile } from './config/config-schema.ts';
import { readSecret } from './config/secret-reference.ts';
import type { StateDirectory } from './state-directory.ts';

/** How the dispatcher shows VMs who it is. */
export interface SshIdentity {
  readonly privateKey: string;
  /** One line for authorized_keys; empty when the image brings the key (`ssh.deployPublicKey: false`). */
  readonly authorizedKey: string;
}

/** The configured key, else one of its own that is made once. @throws ConfigError, DroverError SSH_KEY_UNREADABLE */
export function sshIdentity(
  config: ConfigFile,
  state: StateDirectory,
  env: Readonly<Record<string, string | undefined>>,
): SshIdentity {
  const { privateKey: reference, deployPublicKey } = config.ssh;
  if (reference !== undefined) {
    const privateKey = readSecret('ssh.privateKey', reference, env);
    return { privateKey, authorizedKey: deployPublicKey ? authorizedKeyOf(privateKey) : '' };
  }
  const privateKey = state.keep('ssh_key', () => {
    const pair = generateSshKeyPair({ comment: 'drover' });
    state.write('ssh_key.pub', pair.publicKeyOpenSsh);
    return pair.privateKeyPem;
  });
  return { privateKey, authorizedKey: deployPublicKey ? (state.read('ssh_key.pub')?.trim() ?? '') : '' };
}
