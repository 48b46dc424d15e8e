import { describe, expect, it } from 'vitest';
import { type Column, renderFacts, renderTable } from './table.ts';

interface Row {
  readonly name: string;
  readonly count?: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'count', value: ({ count }) => count, align: 'right' },
  { title: 'last', value: ({ name }) => `${name}!` },
];

describe('renderTable', () => {
  it('aligns columns and shows what is missing', () => {
    expect(renderTable([{ name: 'a', count: 10 }, { name: 'longer' }], columns)).toBe(
      ['NAME    COUNT  LAST', 'a          10  a!', 'longer      -  longer!'].join('\n'),
    );
  });

  it.each([
    [19, ['NAME    COUNT  LAST', 'a          10  a!', 'longer      -  lon…']],
    [9, ['NAME    …', 'a       …', 'longer  -']],
    [4, ['NAME', 'a', 'lon…']],
  ])('cuts at %d characters', (width, lines) => {
    expect(renderTable([{ name: 'a', count: 10 }, { name: 'longer' }], columns, width).split('\n')).toEqual(lines);
  });

  it.each([
    ['control characters', 'a\u001b[31m\u0007b', 'a\u{fffd}[31m\u{fffd}b'],
    ['line breaks', 'a\n\n\tb\u2028c', 'a b c'],
    ['changes of direction', 'exe.\u202egnp', 'exe.\u{fffd}gnp'],
  ])('makes %s of others harmless', (_what, name, shown) => {
    expect(renderTable([{ name }], [{ title: 'name', value: (row: Row) => row.name }])).toBe(`NAME\n${shown}`);
  });

  it('counts what a person sees as one character as one', () => {
    const lines = renderTable(
      [
        { name: 'e\u0301👩‍🚀', count: 1 },
        { name: 'abc', count: 2 },
      ],
      columns,
    ).split('\n');
    expect(lines[1]).toMatch(/^e\u0301👩‍🚀 {8}1/u);
  });

  it('has titles when there are no rows', () => expect(renderTable([], columns)).toBe('NAME  COUNT  LAST'));
});

describe('renderFacts', () => {
  it('leaves out what is not known', () => {
    const facts = [
      ['a', 1],
      ['longer', 'x'],
      ['none', undefined],
    ] as const;
    expect(renderFacts(facts)).toBe('a       1\nlonger  x');
  });
});
