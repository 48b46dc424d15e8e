import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { readText } from './append-file.ts';

test('a file that is missing is empty; one that cannot be read is not taken for empty, or its text would be overwritten', () => {
  const folder = mkdtempSync(`${tmpdir()}/drover-append-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(readText(`${folder}/missing`)).toBe('');
  mkdirSync(`${folder}/unreadable`);
  expect(() => readText(`${folder}/unreadable`)).toThrow('EISDIR');
});
