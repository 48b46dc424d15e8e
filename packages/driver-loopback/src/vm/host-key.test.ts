import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newHostKey } from './host-key.ts';

test('a key that cannot be read is not used', () => {
  const good = ssh2.utils.generateKeyPairSync('ed25519');
  const made = [{ private: 'spoilt', public: good.public }, { private: good.private, public: 'spoilt' }, good];
  const key = newHostKey(() => made.shift() ?? good);
  // The unreadable ones were drawn first and thrown away.
  expect(made).toEqual([]);
  expect([key.privateKey, key.publicKey].map((half) => ssh2.utils.parseKey(half) instanceof Error)).toEqual([
    false,
    false,
  ]);
});

test('six hundred new keys are all readable', () => {
  for (let i = 0; i < 600; i += 1) expect(ssh2.utils.parseKey(newHostKey().publicKey)).not.toBeInstanceOf(Error);
});
