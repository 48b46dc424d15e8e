import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatHostKey, hostKeyAlgorithms, parseHostKey, sameHostKey } from './host-key.ts';
import { generateSshKeyPair } from './ssh-key.ts';

function blobOf(type: string, body = Buffer.from('key')): Buffer {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, body]);
}

test('a key is written and read as "<type> <base64>"; a comment does not matter', () => {
  const text = generateSshKeyPair({ comment: 'some host' }).publicKeyOpenSsh;
  const blob = parseHostKey(text);
  expect(blob === undefined ? undefined : formatHostKey(blob)).toBe(text.split(' ').slice(0, 2).join(' '));
});

test('reading what was written gives the same bytes', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9@.-]{1,64}$/), fc.uint8Array({ minLength: 1 }), (type, body) => {
      const blob = blobOf(type, Buffer.from(body));
      const read = parseHostKey(formatHostKey(blob) ?? '');
      expect(read !== undefined && sameHostKey(read, blob)).toBe(true);
    }),
  );
});

test.each([
  [''],
  ['ssh-ed25519'],
  ['ssh-ed25519 not/base64!'],
  ['ssh-ed25519 AAAA'],
  [`ssh-rsa ${blobOf('ssh-ed25519').toString('base64')}`],
])('%j is no key', (text) => {
  expect(parseHostKey(text)).toBeUndefined();
});

test.each([
  [['ssh-ed25519'], ['ssh-ed25519']],
  [['ecdsa-sha2-nistp256'], ['ecdsa-sha2-nistp256']],
  [['ssh-rsa'], ['rsa-sha2-512', 'rsa-sha2-256']],
  [
    ['ssh-rsa', 'ssh-ed25519'],
    ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  ],
  [['ssh-dss'], []],
])('with %j pinned, %j is offered', (types, expected) => {
  expect(hostKeyAlgorithms(types.map((type) => blobOf(type)))).toEqual(expected);
});

test('with nothing pinned all types are offered, but never SHA-1', () => {
  const offered = hostKeyAlgorithms([]);
  expect(offered).toHaveLength(6);
  expect(offered).not.toContain('ssh-rsa');
  expect(offered).not.toContain('ssh-dss');
});
