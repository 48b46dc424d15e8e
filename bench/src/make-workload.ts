/**
 * Writes a made-up workload in the Standard Workload Format to standard output, to try `drover simulate` with:
 * `npm run --silent workload -- --jobs 2000 --days 1 > jobs.swf`. The same options give the same file.
 */
import { parseArgs } from 'node:util';
import { syntheticWorkload, usualWorkload } from '@drover/simulator';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(usualWorkload.seed) },
    jobs: { type: 'string', default: String(usualWorkload.jobs) },
    days: { type: 'string', default: String(usualWorkload.days) },
    processors: { type: 'string', default: String(usualWorkload.maxProcessors) },
  },
});
const plan = {
  ...usualWorkload,
  seed: Number(values.seed),
  jobs: Number(values.jobs),
  days: Number(values.days),
  maxProcessors: Number(values.processors),
};
for (const line of syntheticWorkload(plan)) process.stdout.write(`${line}\n`);
