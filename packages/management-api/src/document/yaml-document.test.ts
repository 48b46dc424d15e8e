import { ConfigError, type Problem } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { duration, size } from '../units/unit-schemas.ts';
import { parseYaml, readDocument, validateDocuments } from './yaml-document.ts';

const schema = z.strictObject({
  driver: z.enum(['ec2', 'loopback']),
  pool: z
    .strictObject({ maxInstances: z.int().min(0).max(1000).default(64), idle: duration().default(60_000) })
    .optional(),
  ram: size().optional(),
  types: z
    .array(z.strictObject({ name: z.string().min(1), gpu: z.strictObject({ count: z.int() }).optional() }))
    .optional(),
  spot: z.union([z.boolean(), z.literal('prefer')]).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

function problemsOf(action: () => unknown): readonly Problem[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function told(text: string): readonly string[] {
  return problemsOf(() => readDocument({ file: 'f.yaml', text }, schema)).map(
    (p) => `${p.line}:${p.column} ${p.code} ${p.message}${p.fix === undefined ? '' : `; ${p.fix}`}`,
  );
}

describe('readDocument', () => {
  it('gives values with units resolved', () => {
    const text = 'driver: ec2\npool: { idle: 1h30m }\nram: 16GiB\nspot: prefer\n';
    expect(readDocument({ file: 'f', text }, schema)).toEqual({
      driver: 'ec2',
      pool: { maxInstances: 64, idle: 5_400_000 },
      ram: 17_179_869_184,
      spot: 'prefer',
    });
  });

  it.each([
    ['unknown key', 'driver: ec2\nramm: 1GB\n', ['2:1 CONFIG_UNKNOWN_KEY unknown key "ramm"; did you mean "ram"?']],
    [
      'unknown key below',
      'driver: ec2\npool:\n  maxInstance: 3\n',
      ['3:3 CONFIG_UNKNOWN_KEY unknown key "maxInstance" in pool; did you mean "maxInstances"?'],
    ],
    [
      'unknown key in a list, far from all',
      'driver: ec2\ntypes:\n  - name: a\n    weird: 1\n',
      ['4:5 CONFIG_UNKNOWN_KEY unknown key "weird" in types[0]'],
    ],
    ['wrong type', 'driver: ec2\npool: 7\n', ['2:7 CONFIG_WRONG_TYPE "pool" must be a mapping, not a number']],
    [
      'fraction',
      'driver: ec2\npool: { maxInstances: 1.5 }\n',
      ['2:23 CONFIG_WRONG_TYPE "pool.maxInstances" must be a whole number, not a fraction'],
    ],
    [
      'out of bounds',
      'driver: ec2\npool: { maxInstances: -1 }\n',
      ['2:23 CONFIG_INVALID "pool.maxInstances" must be at least 0'],
    ],
    ['missing', 'ram: 1GB\n', ['1:1 CONFIG_INVALID "driver" is required']],
    [
      'missing below',
      'driver: ec2\ntypes:\n  - gpu: { count: 1 }\n',
      ['3:5 CONFIG_INVALID "types[0].name" is required'],
    ],
    [
      'enum',
      'driver: loopbak\n',
      ['1:9 CONFIG_INVALID "driver" must be "ec2" or "loopback"; did you mean "loopback"?'],
    ],
    ['union', 'driver: ec2\nspot: maybe\n', ['2:7 CONFIG_WRONG_TYPE "spot" must be true or false or "prefer"']],
    [
      'unit missing',
      'driver: ec2\nram: 16\n',
      [expect.stringMatching(/^2:6 CONFIG_UNIT_MISSING ram: the size "16" has no unit; write it with a unit/)],
    ],
    ['size of a wrong type', 'driver: ec2\nram: [1]\n', ['2:6 CONFIG_WRONG_TYPE "ram" must be text or a number']],
    [
      'record',
      'driver: ec2\ntags: { a: 1 }\n',
      ['2:12 CONFIG_WRONG_TYPE "tags.a" must be text, not a number; put it in quotes: "1"'],
    ],
    ['syntax', 'driver: ec2\npool: [1, 2\nram: 1GB\n', [expect.stringMatching(/^3:1 CONFIG_SYNTAX /)]],
    ['twice the same key', 'driver: ec2\ndriver: ec2\n', ['2:1 CONFIG_SYNTAX map keys must be unique']],
    ['empty', '# nothing\n', ['1:1 CONFIG_SYNTAX the file is empty']],
    ['two documents', 'driver: ec2\n---\ndriver: ec2\n', ['3:1 CONFIG_SYNTAX the file holds more than one document']],
    ['not a mapping', '- 1\n', ['1:1 CONFIG_WRONG_TYPE the document must be a mapping, not a list']],
    ['JSON', '{"driver": "ec2",\n "rem": "1GB"}', ['2:2 CONFIG_UNKNOWN_KEY unknown key "rem"; did you mean "ram"?']],
  ])('tells the place of: %s', (_name, text, expected) => expect(told(text)).toEqual(expected));

  it('tells all problems at once, in the words of the message', () => {
    expect(told('driver: ec3\nram: 5\nx: 1\n')).toHaveLength(3);
    expect(() => readDocument({ file: 'd.yaml', text: 'driver: ec2\nramm: 1GB' }, schema)).toThrow(
      'd.yaml:2:1  unknown key "ramm"; did you mean "ram"?   CONFIG_UNKNOWN_KEY',
    );
  });

  it('follows aliases when it tells places', () => {
    const text = 'driver: ec2\ntypes:\n  - &a { name: x, gpu: { count: 1 } }\n  - *a\nram: 3\n';
    expect(told(text)).toEqual([expect.stringContaining('5:6 CONFIG_UNIT_MISSING')]);
  });

  it('refuses documents that blow up', () => {
    const text = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(10)}]\nc: &c [${'*b,'.repeat(10)}]\nd: [${'*c,'.repeat(10)}]\n`;
    expect(told(text)).toEqual([expect.stringMatching(/CONFIG_SYNTAX .*alias/)]);
  });

  it('does not let a key reach the prototype', () => {
    expect(told('driver: ec2\n__proto__: { x: 1 }\n')).toEqual([expect.stringContaining('2:1 CONFIG_UNKNOWN_KEY')]);
  });
});

describe('many documents', () => {
  it('leaves out empty ones and tells the problems of all', () => {
    const documents = parseYaml({ file: 'f', text: '---\ndriver: ec2\n---\n---\ndriver: loopback\n' });
    expect(validateDocuments(documents, schema)).toEqual([{ driver: 'ec2' }, { driver: 'loopback' }]);
    const bad = parseYaml({ file: 'f', text: 'driver: x\n---\ndriver: y\n' });
    expect(problemsOf(() => validateDocuments(bad, schema)).map((p) => p.line)).toEqual([1, 3]);
  });

  it('uses the code it is told for values out of bounds', () => {
    const [document] = parseYaml({ file: 'f', text: 'driver: x\n' });
    const problems = problemsOf(() =>
      validateDocuments(document === undefined ? [] : [document], schema, { invalidCode: 'CONTAINER_INVALID' }),
    );
    expect(problems.map((p) => p.code)).toEqual(['CONTAINER_INVALID']);
  });
});
