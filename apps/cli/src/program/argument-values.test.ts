import { describe, expect, it } from 'vitest';
import { collect, decimal, preemptible, seconds, variable, wholeNumber } from './argument-values.ts';

describe('option values', () => {
  it.each([
    [() => wholeNumber('12'), 12],
    [() => decimal('0.5'), 0.5],
    [() => collect('b', ['a']), ['a', 'b']],
    [() => collect('a', undefined), ['a']],
    [() => variable('A=1=2', { B: '3' }), { B: '3', A: '1=2' }],
    [() => variable('EMPTY=', undefined), { EMPTY: '' }],
    [() => preemptible('prefer'), 'prefer'],
    [() => preemptible('false'), false],
    [() => seconds('1.5m'), 90_000],
    [() => seconds('250ms'), 250],
  ])('%s', (parse, value) => expect(parse()).toEqual(value));

  it.each([
    () => wholeNumber('1.5'),
    () => wholeNumber('-1'),
    () => wholeNumber(''),
    () => decimal('-1'),
    () => decimal(''),
    () => decimal('Infinity'),
    () => variable('=x', undefined),
    () => variable('SURELY_NOT_SET_ANYWHERE', undefined),
    () => preemptible('yes'),
    () => seconds('30'),
  ])('%s is refused', (parse) => expect(parse).toThrow(/must be|must have|is not set/));
});
