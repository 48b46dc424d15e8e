import { createHash } from 'node:crypto';
import type { FakeKeyPair } from './account.ts';

/** A key pair from an OpenSSH public key; undefined when it is none that AWS takes. */
export function keyPair(name: string, publicKey: string): FakeKeyPair | undefined {
  const [format = '', blob = ''] = publicKey.split(' ');
  const bytes = Buffer.from(blob, 'base64');
  if (format === 'ssh-ed25519')
    return { name, type: 'ed25519', fingerprint: createHash('sha256').update(bytes).digest('base64') };
  if (format !== 'ssh-rsa') return undefined;
  const digits = createHash('md5').update(bytes).digest('hex').match(/../g) ?? [];
  return { name, type: 'rsa', fingerprint: digits.join(':') };
}
