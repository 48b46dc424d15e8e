import { expect, test } from 'vitest';
import { generateSshKeyPair } from './ssh-key.ts';
import { Trust } from './trust.ts';

const [a, b] = [generateSshKeyPair({ comment: 'a' }).publicKeyOpenSsh, generateSshKeyPair().publicKeyOpenSsh] as const;
const bareA = a.split(' ').slice(0, 2).join(' ');

test('nothing is proven at first; a trusted key is, and is insisted on', () => {
  const trust = new Trust();
  expect([trust.has(a), trust.keys]).toEqual([false, []]);
  trust.trust(bareA);
  expect([trust.has(a), trust.has(b), trust.keys]).toEqual([true, false, [bareA]]);
});

test.each([
  ['nothing known, nothing pinned', undefined, [], false, []],
  ['nothing known, one pinned', undefined, [a], true, [a]],
  ['the trusted key is pinned, with a comment', bareA, [a], false, [a]],
  ['another than the trusted key is pinned', bareA, [b], true, [b]],
  ['an empty set leaves the trusted key', bareA, [], false, [bareA]],
])('%s', (_name, trusted, pinned, changed, keys) => {
  const trust = new Trust();
  if (trusted !== undefined) trust.trust(trusted);
  expect(trust.pin(pinned)).toBe(changed);
  expect(trust.keys).toEqual(keys);
});

test('the order of pinned keys does not matter, their number does', () => {
  const trust = new Trust();
  trust.pin([a, b]);
  expect(trust.pin([b, a])).toBe(false);
  expect(trust.pin([b])).toBe(true);
});

test('a pin that cannot be read is still a pin, and fits nothing', () => {
  const trust = new Trust();
  trust.pin(['nonsense']);
  expect([trust.keys, trust.has(a)]).toEqual([['nonsense'], false]);
});
