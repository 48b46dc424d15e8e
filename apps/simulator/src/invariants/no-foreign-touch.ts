import type { Invariant } from './invariant.ts';

/** 12: what belongs to another set in the same account is neither destroyed nor tagged. */
export function noForeignTouch(): Invariant {
  return {
    number: 12,
    rule: 'no VM of another set is touched',
    onForeignTouch: (verb, id) => `${verb} reached ${id}, which belongs to somebody else`,
  };
}
