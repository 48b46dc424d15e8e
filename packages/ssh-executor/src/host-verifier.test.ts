import { expect, test } from 'vitest';
import { createHostVerifier } from './host-verifier.ts';

const a = Buffer.from('key a');
const b = Buffer.from('key b');

test('it answers at once with a boolean: ssh2 takes everything but false for yes', () => {
  expect(createHostVerifier([a]).verify(a)).toBe(true);
  expect(createHostVerifier([a]).verify(b)).toBe(false);
  expect(createHostVerifier([a, b]).verify(b)).toBe(true);
});

test('with nothing pinned the first key is accepted, and from then on only that one', () => {
  const verifier = createHostVerifier([]);
  expect([a, a, b, a].map((key) => verifier.verify(key))).toEqual([true, true, false, true]);
  expect(verifier.refused()).toBe(true);
});

test('of several pinned keys a re-key must show the same one again', () => {
  const verifier = createHostVerifier([a, b]);
  expect([a, a, b].map((key) => verifier.verify(key))).toEqual([true, true, false]);
});

test('it keeps a copy of what was claimed: the buffer belongs to the parser', () => {
  const verifier = createHostVerifier([]);
  const buffer = Buffer.from('key a');
  verifier.verify(buffer);
  buffer.fill(0);
  expect(verifier.claimed()).toEqual(a);
  expect([verifier.verify(a), verifier.verify(buffer)]).toEqual([true, false]);
});

test('a key that differs in one bit, or only in length, is another key', () => {
  const flipped = Buffer.from(a);
  flipped[4] = (flipped[4] ?? 0) ^ 1;
  for (const other of [flipped, a.subarray(0, 4), Buffer.concat([a, Buffer.from([0])]), Buffer.alloc(0)]) {
    expect(createHostVerifier([a]).verify(other)).toBe(false);
  }
});
