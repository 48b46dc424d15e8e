import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('the order of keys does not matter, that of lists does', () => {
  expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
  expect(canonicalJson([{ x: 1, y: undefined }])).toBe(canonicalJson([{ x: 1 }]));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});
