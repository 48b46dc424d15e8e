import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { gceLimits } from './gce-options.ts';
import { decodeText, encodeKey, encodeText, readTags, setLabel, storeTags } from './labels.ts';

test('what drover sets stays readable', () => {
  const { labels, overflow } = storeTags({
    ArvadosInstanceSetID: 'zzzzz-abcde-012345678901234',
    ArvadosInstanceType: 'n2-standard-8',
    'cost-center': 'genomics',
  });
  expect(labels).toEqual({
    x__arvados_instance_set_i_d: 'zzzzz-abcde-012345678901234',
    x__arvados_instance_type: 'n2-standard-8',
    'cost-center': 'genomics',
  });
  expect(overflow).toEqual({});
});

const tags = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  {
    maxKeys: 100,
    noNullPrototype: true,
  },
);

test('tags come back as they were, whatever is in them', () => {
  fc.assert(
    fc.property(tags, (given) => {
      expect(readTags(storeTags(given))).toEqual(given);
    }),
  );
});

test('labels are always ones that the cloud takes', () => {
  fc.assert(
    fc.property(tags, (given) => {
      const { labels } = storeTags(given);
      expect(Object.keys(labels).length).toBeLessThan(gceLimits.labels);
      for (const [key, value] of Object.entries(labels)) {
        expect(key).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
        expect(value).toMatch(/^[a-z0-9_-]{0,63}$/);
        expect(key).not.toBe(setLabel);
      }
    }),
  );
});

test('two texts never share an encoding, and nothing else decodes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const whole = text.isWellFormed() ? text : text.toWellFormed();
      expect(decodeText(encodeText(whole))).toBe(whole);
    }),
  );
  for (const foreign of ['_', 'a_', '_999', '_065', '_097', '_195', 'Ä', 'A'])
    expect(decodeText(foreign)).toBeUndefined();
});

test('keys that would collide with a marked one are marked too', () => {
  for (const key of ['x_', 'xA', 'A', '1', '-', '', setLabel, 'droverSet']) {
    const { labels } = storeTags({ [key]: 'v' });
    expect(Object.keys(labels)).toEqual([encodeKey(key)]);
    expect(readTags({ labels, overflow: {} })).toEqual({ [key]: 'v' });
  }
});

test('labels of others do not become tags, or only such as keep their name', () => {
  expect(
    readTags({ labels: { 'goog-ops': 'v2', goog_99: 'x', [setLabel]: 'abc', x_plain: 'x' }, overflow: {} }),
  ).toEqual({
    'goog-ops': 'v2',
  });
});

test('a label wins over the overflow that was there before it', () => {
  expect(readTags({ labels: { a: 'new' }, overflow: { a: 'old', b: 'kept' } })).toEqual({ a: 'new', b: 'kept' });
});
