import { fileURLToPath } from 'node:url';
import { startDispatcher } from '../dispatcher-process.ts';
import { type Figure, quantile } from '@drover/testkit/figure';
import { jsonPath, report } from '../report.ts';
import { fourVms, runBatch } from '../throughput.ts';
import { installHyperQueue, startHyperQueue } from './hyperqueue.ts';

const count = 1000;
const rounds = 5;

/** Below the dependencies of the project, so that it goes with them. */
const folder = fileURLToPath(new URL('../../../node_modules/.cache/hyperqueue', import.meta.url));
console.error('setting up HyperQueue …');
const hyperQueue = await startHyperQueue(installHyperQueue(folder));
const dispatcher = await startDispatcher(fourVms);
const rates: { drover: number[]; hyperQueue: number[] } = { drover: [], hyperQueue: [] };
try {
  await runBatch(dispatcher.client, 200);
  for (let round = 1; round <= rounds; round += 1) {
    const theirs = await hyperQueue.run(count);
    const ours = await runBatch(dispatcher.client, count);
    rates.hyperQueue.push(theirs);
    rates.drover.push(ours);
    console.error(`round ${round}: drover ${ours.toFixed(0)}/s, HyperQueue ${theirs.toFixed(0)}/s`);
  }
} finally {
  await dispatcher.close();
  await hyperQueue.close();
}
const ours = quantile(rates.drover, 0.5);
const theirs = quantile(rates.hyperQueue, 0.5);
const ratio = ours / theirs;
const figures: readonly Figure[] = [
  { name: 'drover, short containers', value: Number(ours.toFixed(1)), unit: '1/s', target: '≥ 250', ok: ours >= 250 },
  {
    name: 'HyperQueue, short tasks',
    value: Number(theirs.toFixed(1)),
    unit: '1/s',
    target: 'for information',
    ok: true,
  },
  { name: 'throughput-vs-hyperqueue', value: Number(ratio.toFixed(3)), unit: '×', target: '≥ 1', ok: ratio >= 1 },
];
report(figures, jsonPath(process.argv.slice(2)));
