/** Compares drover's decisions with those that the reference system was recorded to make: `npm run test:vectors`. */
import { type Comparison, compare } from './compare.ts';
import { deliberateDifferences } from './deliberate-differences.ts';
import { readVectors, vectorFolder } from './read-vectors.ts';
import { choose } from './run-choice.ts';
import { decide } from './run-pass.ts';
import { isChoiceVector, isPassVector } from './vector-checks.ts';

const folder = vectorFolder(process.env);
console.log(`decision vectors from the ${folder.why}`);

const choices = readVectors(folder, 'instance-type-choice.jsonl', isChoiceVector);
const passes = readVectors(folder, 'scheduler-pass.jsonl', isPassVector);
if (choices === undefined && passes === undefined) {
  console.error('!!! NO DECISION VECTORS FOUND: nothing was compared with the reference system !!!');
} else {
  const comparisons = [
    report('instance-type-choice.jsonl', choices, (vectors, rules) => compare(vectors, choose, rules)),
    report('scheduler-pass.jsonl', passes, (vectors, rules) => compare(vectors, (given) => decide(given), rules)),
  ];
  const agree = sum(comparisons, (c) => c.agree);
  const explained = sum(comparisons, (c) => c.explained.length);
  const unexplained = sum(comparisons, (c) => c.unexplained.length);
  console.log(`vectors: ${agree} agree, ${explained} differ by rule, ${unexplained} differ without one`);
  process.exitCode = unexplained > 0 ? 1 : 0;
}

function report<V>(
  name: string,
  vectors: readonly V[] | undefined,
  run: (vectors: readonly V[], rules: (typeof deliberateDifferences)[string]) => Comparison,
): Comparison {
  if (vectors === undefined) console.error(`${name}: missing, not compared`);
  const comparison = run(vectors ?? [], deliberateDifferences[name] ?? []);
  for (const { seed, rule } of comparison.explained) console.log(`${name} seed ${seed} differs by rule: ${rule}`);
  for (const { seed, text } of comparison.unexplained) console.log(`${name} seed ${seed} DIFFERS: ${text}`);
  return comparison;
}

function sum(comparisons: readonly Comparison[], count: (comparison: Comparison) => number): number {
  return comparisons.reduce((total, comparison) => total + count(comparison), 0);
}
