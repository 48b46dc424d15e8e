import type { BrokenRule } from '../plans/plan-file.ts';

/**
 * Whether two violations are of one kind: the same invariant, and the same words in its detail once ids, numbers and quoted texts are
 * left out. So a shrinker does not slide from the bug that was found into another one.
 */
export function sameViolation(a: BrokenRule, b: BrokenRule): boolean {
  if (a.number !== b.number) return false;
  if (a.number === 0 && a.rule !== b.rule) return false;
  return kindOf(a.detail) === kindOf(b.detail);
}

function kindOf(detail: string): string {
  return (
    detail
      // What is quoted as JSON is content.
      .replaceAll(/\{.*\}|\[.*\]/g, '…')
      .replaceAll(/[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{15}/g, 'ID')
      .replaceAll(/\bi-[0-9a-f]+\b/g, 'ID')
      .replaceAll(/\d+(\.\d+)?/g, 'N')
      // How many of them there are does not matter.
      .replaceAll(/(ID(\/N)?)([, ]+ID(\/N)?)*/g, 'ID')
  );
}
