import { type Check, result } from './check.ts';

/** The guest environment writes the key into the account's authorized_keys; sshd of today's images takes these. */
const usable = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( |$)/;

/** The key that VMs get is one that their sshd takes. */
export const checkKey: Check = {
  subject: 'key',
  doing: 'read the key',
  setting: 'ssh.privateKey',
  look: async ({ request: { authorizedKey }, params }) => {
    if (authorizedKey === '')
      return [result('key', 'ok', `No key is given to the VMs: the image lets ${params.adminUsername} in by its own.`)];
    if (usable.test(authorizedKey))
      return [result('key', 'ok', `The key (${authorizedKey.split(' ')[0] ?? ''}) is one that VMs take.`)];
    const fix = 'use an ed25519 key: `ssh-keygen -t ed25519`';
    return [result('key', 'failed', 'The key is none that the VMs would take.', 'ssh.privateKey', fix)];
  },
};
