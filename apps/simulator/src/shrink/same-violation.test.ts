import { expect, it } from 'vitest';
import { sameViolation } from './same-violation.ts';

const rule = 'a rule';
const uuid = (letter: string): string => `ccccc-dz642-${letter.repeat(15)}`;

it.each([
  [`${uuid('a')}/1 runs on i-00000001 and i-00000002`, `${uuid('b')}/3 runs on i-0000000f and i-00000007`, true],
  [`still not done: ${uuid('a')}`, `still not done: ${uuid('a')}, ${uuid('c')}`, true],
  [`${uuid('a')} is Complete with {"exitCode":0}`, `${uuid('a')} is Complete with {"exitCode":1}`, true],
  [`${uuid('a')} went from Queued to Running`, `${uuid('a')} went from Locked to Complete`, false],
])('%s / %s: %s', (a, b, same) => {
  expect(sameViolation({ number: 1, rule, detail: a }, { number: 1, rule, detail: b })).toBe(same);
});

it('never takes one invariant for another', () => {
  expect(sameViolation({ number: 1, rule, detail: 'x' }, { number: 2, rule, detail: 'x' })).toBe(false);
  expect(sameViolation({ number: 0, rule, detail: 'x' }, { number: 0, rule: 'other', detail: 'x' })).toBe(false);
});
