import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeEd25519Key, type SshKeyPair } from './encode-ed25519-key.ts';
import { publicKeyOf, readPrivateKey } from './private-key.ts';
import { generateSshKeyPair } from './ssh-key.ts';

/** PKCS #8 of an ed25519 key is this and the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function keyOfSeed(seed: Buffer): { readonly publicKey: Buffer; readonly pair: SshKeyPair } {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { publicKey, pair: encodeEd25519Key({ seed, publicKey, checkBytes: seed.subarray(0, 4), comment: 'c' }) };
}

test('a generated pair is read back, and its halves belong together', () => {
  const pair = generateSshKeyPair({ comment: 'drover loopback' });
  const key = readPrivateKey(pair.privateKeyPem);
  expect(pair.publicKeyOpenSsh).toBe(`${publicKeyOf(key)} drover loopback`);
  const data = Buffer.from('signed');
  expect(key.verify(data, key.sign(data))).toBe(true);
  expect(generateSshKeyPair().privateKeyPem).not.toBe(generateSshKeyPair().privateKeyPem);
});

test('public keys that begin with a zero byte are written whole', () => {
  let met = 0;
  for (let i = 0; met < 3; i += 1) {
    const { publicKey, pair } = keyOfSeed(createHash('sha256').update(`seed ${i}`).digest());
    if (publicKey[0] !== 0) continue;
    met += 1;
    expect(`${publicKeyOf(readPrivateKey(pair.privateKeyPem))} c`).toBe(pair.publicKeyOpenSsh);
    expect(Buffer.from(pair.publicKeyOpenSsh.split(' ')[1] ?? '', 'base64')).toHaveLength(51);
  }
});
