import { expect, test } from 'vitest';
import { imageSizeBytes } from './image-size.ts';

const mebibyte = 1024 * 1024;

test.each([
  [undefined, 0],
  ['', 0],
  ['quay.io/biocontainers/bwa:0.7.17', 0],
  ['00000000000000000000000000000001+121', 0],
  ['00000000000000000000000000000001+122', 64 * mebibyte],
  ['00000000000000000000000000000001+163', 64 * mebibyte],
  ['00000000000000000000000000000001+164', 128 * mebibyte],
  ['0000000000000000000000000000000G+164', 0],
  ['00000000000000000000000000000001+164+A', 0],
])('%s is estimated at %i bytes', (image, expected) => {
  expect(imageSizeBytes(image)).toBe(expected);
});
