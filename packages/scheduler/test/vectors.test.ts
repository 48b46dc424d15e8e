import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compare } from '../vectors/compare.ts';
import { deliberateDifferences } from '../vectors/deliberate-differences.ts';
import { readVectors } from '../vectors/read-vectors.ts';
import { choose } from '../vectors/run-choice.ts';
import { decide } from '../vectors/run-pass.ts';
import { isChoiceVector, isPassVector } from '../vectors/vector-checks.ts';
import type { PassVector } from '../vectors/vector-format.ts';

const folder = { path: join(import.meta.dirname, '../vectors/data'), why: 'copy in the repository' };

test('chooses the instance types that were recorded', () => {
  const vectors = readVectors(folder, 'instance-type-choice.jsonl', isChoiceVector) ?? [];
  const rules = deliberateDifferences['instance-type-choice.jsonl'] ?? [];
  expect(compare(vectors, choose, rules)).toEqual({ agree: 300, explained: [], unexplained: [] });
});

test('decides passes as recorded', () => {
  const vectors = readVectors(folder, 'scheduler-pass.jsonl', isPassVector) ?? [];
  const rules = deliberateDifferences['scheduler-pass.jsonl'] ?? [];
  expect(compare(vectors, (given) => decide(given), rules)).toEqual({ agree: 200, explained: [], unexplained: [] });
});

const [vector] = readVectors(folder, 'scheduler-pass.jsonl', isPassVector) ?? [];

function vectorOrFail(): PassVector {
  if (vector === undefined) throw new Error('no vectors');
  return vector;
}

test('a decision that differs is found, and explained only by a rule for its seed', () => {
  const wrong = { ...vectorOrFail(), expect: { ...vectorOrFail().expect, dynamicLimit: 99 } };
  const { unexplained } = compare([wrong], (given) => decide(given), []);
  expect(unexplained).toEqual([
    { seed: wrong.seed, text: `dynamicLimit: expected 99, decided ${vectorOrFail().expect.dynamicLimit}` },
  ]);
  const rule = { seed: wrong.seed, rule: 'a rule' };
  expect(compare([wrong], (given) => decide(given), [rule]).explained).toEqual([rule]);
  expect(compare([wrong], (given) => decide(given), [{ ...rule, seed: -1 }]).unexplained).toHaveLength(1);
});

test('a decision that throws differs', () => {
  const fail = (): never => {
    throw new Error('cannot decide');
  };
  expect(compare([vectorOrFail()], fail, []).unexplained).toEqual([{ seed: 1, text: 'Error: cannot decide' }]);
});

test('a missing folder gives nothing, a broken line an error', () => {
  expect(readVectors({ path: '/nonexistent', why: '' }, 'scheduler-pass.jsonl', isPassVector)).toBeUndefined();
  expect(() => readVectors(folder, 'scheduler-pass.jsonl', isChoiceVector)).toThrow('is not a vector of this');
});
