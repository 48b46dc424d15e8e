import { DroverError } from '@drover/spec';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { encodeEd25519Key } from './encode-ed25519-key.ts';
import { authorizedKeyOf, publicKeyOf, readPrivateKey } from './private-key.ts';
import { generateSshKeyPair } from './ssh-key.ts';

const { utils } = ssh2;
const encrypted = { cipher: 'aes256-ctr', passphrase: 'open sesame', rounds: 4 };
const pairs = {
  ecdsa256: utils.generateKeyPairSync('ecdsa', { bits: 256 }),
  ecdsa521: utils.generateKeyPairSync('ecdsa', { bits: 521 }),
  rsa: utils.generateKeyPairSync('rsa', { bits: 2048 }),
  locked: utils.generateKeyPairSync('ecdsa', { bits: 256, ...encrypted }),
};

test.each([
  ['ecdsa-sha2-nistp256', pairs.ecdsa256, undefined],
  ['ecdsa-sha2-nistp521', pairs.ecdsa521, undefined],
  ['ssh-rsa', pairs.rsa, undefined],
  ['ecdsa-sha2-nistp256', pairs.locked, 'open sesame'],
])('a key of type %s is read, as text and as bytes', (type, pair, passphrase) => {
  const key = readPrivateKey(pair.private, passphrase);
  expect(publicKeyOf(key)).toBe(pair.public.split(' ').slice(0, 2).join(' '));
  expect(publicKeyOf(key).split(' ')[0]).toBe(type);
  expect(publicKeyOf(readPrivateKey(Buffer.from(pair.private), passphrase))).toBe(publicKeyOf(key));
});

test('an rsa key signs with SHA-2 only', () => {
  const key = readPrivateKey(pairs.rsa.private);
  const data = Buffer.from('data');
  expect(key.verify(data, key.sign(data, 'sha512'), 'sha512')).toBe(true);
  expect(key.verify(data, key.sign(data, 'sha256'), 'sha256')).toBe(true);
  expect(() => key.sign(data, 'sha1')).toThrow('rsa-sha2');
  expect(() => key.sign(data)).toThrow('rsa-sha2');
});

const mixed = encodeEd25519Key({
  seed: Buffer.alloc(32, 1),
  publicKey: Buffer.alloc(32, 2),
  checkBytes: Buffer.alloc(4),
  comment: '',
}).privateKeyPem;
const good = generateSshKeyPair().privateKeyPem;

test.each([
  ['nothing', '', undefined, 'it is empty'],
  ['white space', ' \n', undefined, 'it is empty'],
  ['something else', 'hello', undefined, 'not in a form that SSH understands'],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', undefined, 'not in a form'],
  ['a key cut short', good.slice(0, 200), undefined, 'not in a form'],
  ['halves of two keys', mixed, undefined, 'its halves do not belong together'],
  ['a public key', pairs.rsa.public, undefined, 'it is a public key'],
  ['an encrypted key without passphrase', pairs.locked.private, undefined, 'no passphrase is given'],
  ['an encrypted key with a wrong passphrase', pairs.locked.private, 'close sesame', 'the passphrase does not fit'],
])('%s is refused with a reason and a way to mend it', (_name, text, passphrase, reason) => {
  let error: unknown;
  try {
    readPrivateKey(text, passphrase);
  } catch (thrown) {
    error = thrown;
  }
  expect(DroverError.is(error)).toBe(true);
  expect(error).toMatchObject({ code: 'SSH_KEY_UNREADABLE', retryable: false, fix: expect.any(String) });
  expect(String(error)).toContain(reason);
  // Nothing of the key, and not the passphrase.
  expect(text.split('\n').filter((line) => line.length > 20 && String(error).includes(line))).toEqual([]);
  expect(String(error)).not.toContain('close sesame');
});

test('the line for authorized_keys comes from the private half', () => {
  const pair = generateSshKeyPair({ comment: 'drover' });
  expect(`${authorizedKeyOf(pair.privateKeyPem)} drover`).toBe(pair.publicKeyOpenSsh);
  expect(() => authorizedKeyOf('no key')).toThrow(expect.objectContaining({ code: 'SSH_KEY_UNREADABLE' }));
});
