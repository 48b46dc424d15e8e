import { expect, test } from 'vitest';
import { typescript } from './source-files.ts';

/** House style: a file says one thing. Most have under 150 lines, none over 300. */
const maxLines = 300;

test('no file is longer than a reader can hold', () => {
  const long = typescript()
    .map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
    .filter((file) => file.lines > maxLines);
  expect(long).toEqual([]);
});
