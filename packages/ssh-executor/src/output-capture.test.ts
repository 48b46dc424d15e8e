import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { captureOutput } from './output-capture.ts';

test.each([
  ['less than the limit', ['abc', 'de'], 10, 'abcde', false],
  ['exactly the limit', ['abc', 'de'], 5, 'abcde', false],
  ['more, cut inside a chunk', ['abc', 'def'], 4, 'abcd', true],
  ['more, cut between chunks', ['abc', 'def'], 3, 'abc', true],
  ['nothing may be kept', ['abc'], 0, '', true],
  ['nothing comes', [], 5, '', false],
  ['a character cut in two by the limit is left out', ['aü'], 2, 'a', true],
  ['a character cut in two by chunks is whole', [Buffer.from([0x61, 0xc3]), Buffer.from([0xbc])], 3, 'aü', false],
])('%s', async (_name, chunks, maxBytes, text, truncated) => {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );
  const capture = captureOutput(stream, maxBytes);
  await finished(stream);
  expect({ text: capture.text(), truncated: capture.truncated() }).toEqual({ text, truncated });
});
