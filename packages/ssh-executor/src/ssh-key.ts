import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { encodeEd25519Key, type SshKeyPair } from './encode-ed25519-key.ts';

/**
 * Makes a new ed25519 key pair from the operating system's randomness. Not with ssh2's own generator: 1.17 drops leading
 * zero bytes of the public key, so that one key in 256 is unreadable.
 */
export function generateSshKeyPair(options: { readonly comment?: string } = {}): SshKeyPair {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (d === undefined || x === undefined) throw new TypeError('an ed25519 key without its two halves');
  return encodeEd25519Key({
    seed: Buffer.from(d, 'base64url'),
    publicKey: Buffer.from(x, 'base64url'),
    checkBytes: randomBytes(4),
    comment: options.comment ?? 'drover',
  });
}
