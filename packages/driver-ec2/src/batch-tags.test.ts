import type { Tags } from '@drover/spec';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsEc2, readBatchTags, writeBatchTags } from './batch-tags.ts';

test('tags that all VMs share stay as they are; the others are lists', () => {
  const tags = [
    { Set: 'a', Secret: 'one', Note: 'only here' },
    { Set: 'a', Secret: 'two' },
  ];
  const written = writeBatchTags(tags);
  expect(written).toEqual({
    Set: 'a',
    Secret: 'drover:in-list',
    'drover:list/Secret/0': 'one two',
    Note: 'drover:in-list',
    'drover:list/Note/0': 'only%20here %',
  });
  expect(tags.map((_, index) => readBatchTags(written, index))).toEqual(tags);
});

test('a VM reads its own tags, whatever they are', () => {
  const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9:/]{0,10}$/).filter((text) => text !== '__proto__');
  const tags: fc.Arbitrary<Tags> = fc.dictionary(key, fc.string({ maxLength: 40, unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.array(tags, { minLength: 1, maxLength: 30 }), (batch) => {
      const written = writeBatchTags(batch);
      batch.forEach((own, index) => expect(readBatchTags(written, index)).toEqual({ ...own }));
    }),
  );
});

test('a value set later stands for itself; a VM beyond the list has none', () => {
  const written = writeBatchTags([{ Secret: 'one' }, { Secret: 'two' }]);
  expect(readBatchTags({ ...written, Secret: 'new' }, 1)).toEqual({ Secret: 'new' });
  expect(readBatchTags(written, 2)).toEqual({});
});

test('the secrets of 200 VMs fit beside the usual tags', () => {
  const batch = Array.from({ length: 200 }, (_, n) => ({
    Set: 'a',
    Type: 'b',
    Idle: 'run',
    Secret: `${n}`.padEnd(40, '0'),
  }));
  expect(fitsEc2(writeBatchTags(batch))).toBe(true);
});
