import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredLog } from './exit-record.ts';
import { sha256 } from './run-result.ts';
import { hashLog, readLog } from './stored-logs.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/drover-logs-`);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Stores `text` as the helper does under a cap, in its two files. */
function store(text: string, maxBytes: number): StoredLog {
  const headMax = Math.floor(maxBytes / 2);
  const tailMax = maxBytes - headMax;
  const rest = text.slice(headMax);
  const ring = Array.from({ length: Math.min(rest.length, tailMax) }, () => '');
  for (const [i, letter] of rest.split('').entries()) ring[i % tailMax] = letter;
  rmSync(`${folder}/stdout`, { force: true });
  rmSync(`${folder}/stdout.tail`, { force: true });
  if (headMax > 0 && text !== '') writeFileSync(`${folder}/stdout`, text.slice(0, headMax));
  if (rest !== '') writeFileSync(`${folder}/stdout.tail`, ring.join(''));
  const sizeBytes = Math.min(text.length, maxBytes);
  const tailStart = rest.length > tailMax ? rest.length % tailMax : 0;
  return { stream: 'stdout', sizeBytes, droppedBytes: text.length - sizeBytes, tailStart, recordOffset: undefined };
}

test('any piece of a stored log is the same piece of head and tail', async () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      letters,
      fc.integer({ min: 2, max: 40 }),
      fc.nat(70),
      fc.nat(70),
      async (text, cap, offset, count) => {
        const log = store(text, cap);
        const headMax = Math.floor(cap / 2);
        const kept = text.length <= cap ? text : text.slice(0, headMax) + text.slice(text.length - (cap - headMax));
        const { bytes, end } = readLog(folder, 'stdout', log, offset, count);
        expect(bytes.toString()).toBe(kept.slice(offset, offset + count));
        expect(end).toBe(offset + count >= kept.length);
        expect(await hashLog(folder, log)).toBe(kept === '' ? '' : sha256(kept));
      },
    ),
  );
});

test('while the run goes on, what has come so far can be read', () => {
  store('hello', 100);
  expect(readLog(folder, 'stdout', undefined, 1, 3)).toEqual({ bytes: Buffer.from('ell'), end: false });
  expect(readLog(folder, 'stdout', undefined, 5, 3)).toEqual({ bytes: Buffer.alloc(0), end: false });
  expect(readLog(folder, 'stderr', undefined, 0, 3)).toEqual({ bytes: Buffer.alloc(0), end: false });
});

test('a long log is hashed in pieces', async () => {
  const text = 'abcdefg'.repeat(400_000);
  const log = store(text, 4_000_000);
  const hash = hashLog(folder, log);
  expect(typeof hash).not.toBe('string');
  expect(await hash).toBe(sha256(text));
});
