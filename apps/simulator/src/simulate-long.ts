import { parseArgs } from 'node:util';
import { describeLongRun, longRun } from './long-run.ts';

/** Plays as many seeds as there is time for: `--minutes N`, from `--seed S` on. Exit code 1 when one breaks something. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
  });
  const minutes = Number(values.minutes);
  const firstSeed = Number(values.seed);
  if (!(minutes > 0) || !Number.isInteger(firstSeed) || firstSeed < 0) {
    process.stderr.write('--minutes takes a number above 0, --seed a whole number\n');
    return 2;
  }
  const endMs = performance.now() + minutes * 60_000;
  const report = await longRun({
    firstSeed,
    isOver: () => performance.now() >= endMs,
    onBroken: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`${describeLongRun(report)}\n`);
  return report.brokenSeeds.length === 0 ? 0 : 1;
}

process.exitCode = await main();
