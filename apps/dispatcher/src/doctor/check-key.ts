import { statSync } from 'node:fs';
import type { ConfigFile } from '../config/config-schema.ts';
import { type DoctorCheck, ok } from './doctor-check.ts';

/** Of the key: that it can be read and is one was checked with the configuration. */
export function checkKey(config: ConfigFile): DoctorCheck {
  const { privateKey, deployPublicKey } = config.ssh;
  const goesWhere = deployPublicKey ? 'its public half goes to new VMs' : 'the image has to bring its public half';
  if (privateKey === undefined) return ok('key', `a key of drover's own, kept in the state directory; ${goesWhere}`);
  const path = privateKey.startsWith('file:') ? privateKey.replace(/^file:(\/\/)?/, '') : undefined;
  if (path !== undefined && (statSync(path).mode & 0o077) !== 0)
    return {
      subject: 'key',
      outcome: 'warning',
      message: `${path} may be read by others`,
      setting: 'ssh.privateKey',
      fix: `chmod 600 ${path}`,
    };
  return ok('key', `${privateKey} is a key; ${goesWhere}`);
}
