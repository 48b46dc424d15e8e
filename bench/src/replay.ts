import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultCloudModel,
  defaultTraceReadOptions,
  type JobTable,
  JobCollector,
  madeUpInstanceTypes,
  type ReplayConfiguration,
  replay,
  readTrace,
  syntheticWorkload,
  usualWorkload,
} from '@drover/simulator';
import { SeededRandom } from '@drover/testkit';
import { atMost, type Figure } from '@drover/testkit/figure';

/** The targets: a trace of 188,000 jobs over 11 days, on one core. */
const traceSeconds = 60;

/** Reads and replays a workload of 188,000 jobs over 11 days, made up in a file, with the settings that nobody has to choose. */
export async function replayTrace(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-replay-'));
  try {
    const path = join(folder, 'workload.swf');
    writeFileSync(path, `${[...syntheticWorkload(usualWorkload)].join('\n')}\n`);
    const before = cpuSeconds();
    const { jobs } = await readTrace(path, defaultTraceReadOptions);
    const pool = { maxInstances: 0 };
    await play(jobs, { name: 'trace', instanceTypes: madeUpInstanceTypes(jobs), pool, scheduler: {}, queueLimits: {} });
    const seconds = cpuSeconds() - before;
    return [
      atMost(traceSeconds, `replay of ${jobs.size} jobs over ${usualWorkload.days} days, CPU time`, seconds, 's'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A fleet that is kept busy: each VM runs a hundred containers, one at a time. */
export interface FleetSize {
  readonly instances: number;
  readonly containers: number;
}

const large: FleetSize = { instances: 10_000, containers: 1_000_000 };
const tenth: FleetSize = { instances: 1000, containers: 100_000 };
const hundredth: FleetSize = { instances: 100, containers: 10_000 };

/**
 * The large fleet, and what a container costs there beside a hundredth of the size. That takes a good while: without `long` it is a
 * tenth of it, with a tenth of the time and memory allowed.
 */
export async function replayFleet(long: boolean): Promise<readonly Figure[]> {
  const size = long ? large : tenth;
  const share = size.containers / large.containers;
  // The first run pays for compiling.
  await busyFleet(hundredth);
  const small = await busyFleet(hundredth);
  const big = await busyFleet(size);
  const name = `${size.instances} VMs and ${size.containers} containers`;
  return [
    atMost(30 * share, `replay of ${name}, CPU time`, big.seconds / 60, 'min'),
    atMost(4096 * share, `replay of ${name}, peak memory`, process.resourceUsage().maxRSS / 1024, 'MiB'),
    atMost(1.5, 'a container there beside a hundredth of the size', big.perContainer / small.perContainer, '×'),
  ];
}

async function busyFleet({ instances, containers }: FleetSize) {
  const before = cpuSeconds();
  const jobs = busyJobs(instances, containers);
  const [first] = madeUpInstanceTypes(jobs);
  if (first === undefined) throw new Error('no type was made up');
  const instanceTypes = [{ ...first, vcpus: 1 }];
  const pool = { maxInstances: instances, throttle: { maxCloudOpsPerSecond: 0 }, maxProbesPerSecond: 1000 };
  await play(jobs, { name: 'fleet', instanceTypes, pool, scheduler: {}, queueLimits: {} });
  const seconds = cpuSeconds() - before;
  return { seconds, perContainer: seconds / containers };
}

/** Containers of a minute each on average, submitted as fast as the fleet takes them. */
function busyJobs(instances: number, containers: number): JobTable {
  const random = new SeededRandom(1);
  const jobs = new JobCollector();
  const meanMs = 60_000;
  const shape = {
    resources: { vcpus: 1, ramBytes: 1024 ** 3, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    preemptible: false,
    priority: 500,
    supervisor: false,
    constraints: {},
  } as const;
  let atMs = 0;
  for (let i = 0; i < containers; i += 1) {
    // First one for each VM, then as many as end.
    if (i >= instances) atMs += (-Math.log(1 - random.next()) * meanMs) / instances;
    jobs.add({ submitMs: atMs, runMs: meanMs * (0.5 + random.next()), shape, peakRamBytes: 0, exitCode: 0 });
  }
  return jobs.table();
}

async function play(jobs: JobTable, configuration: ReplayConfiguration): Promise<void> {
  const report = await replay({ jobs, configuration, model: defaultCloudModel });
  if (report.jobs.completed !== jobs.size) throw new Error(`only ${report.jobs.completed} of ${jobs.size} ended`);
}

/** Of this process, all threads. The machine may have other work, which is no business of these figures. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
