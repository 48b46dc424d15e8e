import { measureGceDriver } from '@drover/driver-gce/bench';
import { measureQueueLatency, measureQueueThroughput } from '@drover/queue-sqlite/bench';
import { measureRunner } from '@drover/runner/bench';
import { measurePasses } from '@drover/scheduler/bench';
import { measureIdleMemory, measureSshThroughput } from '@drover/ssh-executor/bench';
import { adoption } from './adoption.ts';
import { atRest, npmStart } from './at-rest.ts';
import { azure } from './azure.ts';
import { measureEc2 } from './ec2/index.ts';
import type { Figure } from '@drover/testkit/figure';
import { latency } from './latency.ts';
import { machineVariation } from './machine.ts';
import { replayFleet, replayTrace } from './replay.ts';
import { jsonPath, report } from './report.ts';
import { simulatorSpeed } from './simulator-speed.ts';
import { throughput } from './throughput.ts';

/** Every measurement by name; `npm run bench -- NAME…` runs some of them, `--long` some of them at their full size. */
const measurements: Readonly<Record<string, (long: boolean) => readonly Figure[] | Promise<readonly Figure[]>>> = {
  machine: () => [machineVariation()],
  passes: measurePasses,
  queue: async () => [...(await measureQueueLatency()), ...(await measureQueueThroughput())],
  runner: measureRunner,
  ssh: measureSshThroughput,
  connections: () => measureIdleMemory(),
  gce: measureGceDriver,
  adoption: () => adoption(),
  restart: () => adoption(2_000, 15),
  rest: atRest,
  start: npmStart,
  latency,
  simulator: simulatorSpeed,
  throughput,
  azure,
  replay: replayTrace,
  fleet: replayFleet,
  ec2: measureEc2,
};

const args = process.argv.slice(2);
const json = jsonPath(args);
const long = args.includes('--long');
const names = args.filter((arg) => arg !== '--json' && arg !== '--long' && arg !== json);
const unknown = names.filter((name) => !Object.hasOwn(measurements, name));
if (unknown.length > 0) {
  console.error(`no measurement is called ${unknown.join(', ')}; there are ${Object.keys(measurements).join(', ')}`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(measurements)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`measuring ${name} …`);
  figures.push(...(await measure(long)));
}
report(figures, json);
