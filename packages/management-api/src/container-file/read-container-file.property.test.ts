import { ConfigError } from '@drover/spec';
import { array, assert, constantFrom, json, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../document/yaml-document.ts';
import { readContainers } from './read-container-file.ts';

/** Pieces that YAML gives a meaning to, and keys of a container file. */
const pieces: readonly string[] = [
  'command',
  'env',
  'resources',
  'ram',
  ': ',
  ':\n  ',
  '\n',
  '\n- ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ', ',
  '&a ',
  '*a',
  '? ',
  '!!binary ',
  '!!set ',
  '!!int ',
  '!x ',
  '<<: ',
  '"',
  "'",
  '|\n  ',
  '>-\n ',
  '---\n',
  '...\n',
  '#',
  '16GiB',
  '16',
  '~',
  '\t',
  '\0',
  '\ud800',
  '%YAML 1.1\n',
  '__proto__',
  'constructor',
  '.inf',
  '0x10',
  '1e999',
  '2001-01-01',
];
const text = oneof(
  array(constantFrom(...pieces), { maxLength: 30 }).map((some) => some.join('')),
  json(),
  array(json(), { maxLength: 4 }).map((values) => values.join('\n')),
  string({ unit: 'binary' }),
);

/** What is odd about how a text was read or refused; nothing is. Anything else than a ConfigError is thrown on. */
function oddities(given: string, file: string): readonly unknown[] {
  try {
    return readContainers({ file, text: given }).filter((spec) => spec.command.length === 0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (error.problems.length === 0) return ['no problems'];
    const lines = given.split('\n').length + 1;
    return error.problems.filter(({ line = 0, column = 0 }) => line < 1 || line > lines || column < 1);
  }
}

describe('whatever the text', () => {
  it('is read or refused with problems that have a place, and nothing else happens', () => {
    assert(
      property(text, constantFrom('-', 'c.yaml', 'c.jsonl'), (given, file) => {
        expect(oddities(given, file)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is never parsed into another prototype', () => {
    const documents = parseYaml({ file: 'f', text: '__proto__: { polluted: 1 }\n---\na: { __proto__: 1 }\n' });
    const prototypes = documents.map(({ value }): unknown => Object.getPrototypeOf(value));
    expect(prototypes).toEqual([Object.prototype, Object.prototype]);
    expect({}).not.toHaveProperty('polluted');
  });
});
