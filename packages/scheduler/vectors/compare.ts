import { isDeepStrictEqual } from 'node:util';
import type { DeliberateDifference } from './deliberate-differences.ts';

/** How the decisions compare with those recorded. */
export interface Comparison {
  readonly agree: number;
  /** Differ by a rule of drover, which is named. */
  readonly explained: readonly DeliberateDifference[];
  readonly unexplained: readonly { readonly seed: number; readonly text: string }[];
}

interface Vector<Given, Expect> {
  readonly seed: number;
  readonly given: Given;
  readonly expect: Expect;
}

/** Decides every vector and compares field by field. A decision that throws differs. */
export function compare<Given, Expect extends object>(
  vectors: readonly Vector<Given, Expect>[],
  decide: (given: Given) => Expect,
  rules: readonly DeliberateDifference[],
): Comparison {
  const explained: DeliberateDifference[] = [];
  const unexplained: { seed: number; text: string }[] = [];
  for (const { seed, given, expect } of vectors) {
    const text = difference(expect, () => decide(given));
    if (text === undefined) continue;
    const rule = rules.find((candidate) => candidate.seed === seed);
    if (rule === undefined) unexplained.push({ seed, text });
    else explained.push(rule);
  }
  return { agree: vectors.length - explained.length - unexplained.length, explained, unexplained };
}

function difference<Expect extends object>(expected: Expect, decide: () => Expect): string | undefined {
  let decided: Map<string, unknown>;
  try {
    decided = new Map(Object.entries(decide()));
  } catch (error) {
    return String(error);
  }
  const texts = Object.entries(expected).flatMap(([field, value]) =>
    isDeepStrictEqual(decided.get(field), value)
      ? []
      : [`${field}: expected ${JSON.stringify(value)}, decided ${JSON.stringify(decided.get(field))}`],
  );
  return texts.length === 0 ? undefined : texts.join('; ');
}
