import { cpus } from 'node:os';
import { type Figure, quantile } from '@drover/testkit/figure';

/** A fixed piece of work, so that two runs on one machine can be told apart from two builds. */
function fixedWork(): number {
  let sum = 0;
  for (let i = 0; i < 3_000_000; i += 1) sum = (sum + Math.imul(i, 2_654_435_761)) | 0;
  return sum;
}

/** How much the machine itself varies at this moment: spread (p90 − p10) / p50 of a fixed computation. */
export function machineVariation(): Figure {
  const times: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    const start = performance.now();
    fixedWork();
    times.push(performance.now() - start);
  }
  const spread = (quantile(times, 0.9) - quantile(times, 0.1)) / quantile(times, 0.5);
  return {
    name: `machine variation (${cpus().length} cores)`,
    value: Number((spread * 100).toPrecision(3)),
    unit: '%',
    target: 'for information',
    ok: true,
  };
}
