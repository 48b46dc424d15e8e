import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));

test('the cuts between chunks do not matter, not even inside a character', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
      const splitter = createLineSplitter(1_000_000);
      let rest = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      const received: string[] = [];
      for (const cut of [...cuts, rest.length]) {
        received.push(...(splitter.push(rest.subarray(0, cut)) ?? []));
        rest = rest.subarray(cut);
      }
      expect(received).toEqual(lines);
    }),
  );
});

test.each([
  ['exactly the limit, in one chunk', ['12345\n'], ['12345']],
  ['exactly the limit, in two', ['123', '45\n'], ['12345']],
  ['one more, in one chunk', ['123456\n'], undefined],
  ['one more, in two', ['12345', '6\n'], undefined],
  ['too long without an end', ['123456'], undefined],
  ['too long after good lines', ['1\n2\n123456'], undefined],
])('with a limit of 5 bytes: %s', (_name, chunks, expected) => {
  const splitter = createLineSplitter(5);
  const results = chunks.map((chunk) => splitter.push(Buffer.from(chunk)));
  expect(results.some((each) => each === undefined) ? undefined : results.flat()).toEqual(expected);
});

test('once broken it stays broken', () => {
  const splitter = createLineSplitter(2);
  expect(splitter.push(Buffer.from('long'))).toBeUndefined();
  expect(splitter.push(Buffer.from('\nok\n'))).toBeUndefined();
});

test('what it keeps does not change with the chunk it came in', () => {
  const splitter = createLineSplitter(100);
  const chunk = Buffer.from('abc');
  splitter.push(chunk);
  chunk.fill(0);
  expect(splitter.push(Buffer.from('d\n'))).toEqual(['abcd']);
});
