import { SeededRandom } from '@drover/testkit';

/** How a made-up workload is to look. */
export interface WorkloadPlan {
  readonly seed: number;
  readonly jobs: number;
  readonly days: number;
  /** Processors of the largest job; a power of two. */
  readonly maxProcessors: number;
  /** Of the run times' log-normal distribution. */
  readonly medianRunSeconds: number;
  readonly sigma: number;
}

/** 188,000 jobs in 11 days, as a busy site has them. */
export const usualWorkload: WorkloadPlan = {
  seed: 1,
  jobs: 188_000,
  days: 11,
  maxProcessors: 16,
  medianRunSeconds: 180,
  sigma: 1.5,
};

const daySeconds = 86_400;

/**
 * Lines of a workload in the Standard Workload Format, made up but shaped as logs of real sites are: arrivals in a daily and weekly
 * cycle and in bursts of one user, sizes mostly powers of two with many serial jobs, log-normal run times longer for larger jobs.
 * The same plan gives the same lines.
 */
export function* syntheticWorkload(plan: WorkloadPlan): Generator<string> {
  const random = new SeededRandom(plan.seed).fork('workload');
  yield '; Version: 2.2';
  yield `; Computer: made up (seed ${plan.seed})`;
  yield `; MaxJobs: ${plan.jobs}`;
  yield `; MaxProcs: ${plan.maxProcessors}`;
  const arrivals = drawArrivals(plan, random.fork('arrivals'));
  const sizes = random.fork('sizes');
  const times = random.fork('times');
  for (const [index, submit] of arrivals.entries()) {
    const processors = drawProcessors(plan, sizes);
    const runSeconds = Math.round(drawRunSeconds(plan, processors, times));
    const kilobytes = Math.round(256 * 1024 * 2 ** sizes.integer(4));
    const failed = times.chance(0.06);
    // Number, submit, wait, run, processors, CPU, memory, then what was asked: processors, time, memory; status, user, group, …
    const done = [index + 1, submit, -1, runSeconds, processors, -1, Math.round(kilobytes * 0.6)];
    const asked = [processors, Math.max(60, runSeconds * 2), kilobytes];
    const who = [failed ? 0 : 1, 1 + sizes.integer(60), 1, -1, 1, 1, -1, -1];
    yield [...done, ...asked, ...who].join(' ');
  }
}

/** Submit times in seconds, ascending. */
function drawArrivals({ jobs, days }: WorkloadPlan, random: SeededRandom): readonly number[] {
  const times: number[] = [];
  while (times.length < jobs) {
    const second = random.next() * days * daySeconds;
    if (!random.chance(load(second))) continue;
    const burst = random.chance(0.15) ? 1 + random.integer(60) : 1;
    for (let i = 0; i < burst && times.length < jobs; i += 1)
      times.push(Math.min(days * daySeconds - 1, Math.floor(second + i * random.next() * 20)));
  }
  return times.toSorted((a, b) => a - b);
}

/** How busy the site is at that second, 0…1: nights at a quarter of the afternoon, weekends at half. */
function load(second: number): number {
  const hour = (second % daySeconds) / 3600;
  const day = Math.floor(second / daySeconds) % 7;
  const daily = 0.625 + 0.375 * Math.cos(((hour - 15) / 24) * 2 * Math.PI);
  return daily * (day >= 5 ? 0.5 : 1);
}

function drawProcessors({ maxProcessors }: WorkloadPlan, random: SeededRandom): number {
  if (random.chance(0.5)) return 1;
  const largest = Math.log2(maxProcessors);
  const power = 2 ** Math.round((random.next() * random.next() * 1.4 + 0.1) * largest);
  const processors = Math.min(maxProcessors, Math.max(2, power));
  return random.chance(0.8) ? processors : Math.max(1, processors - random.integer(Math.max(1, processors / 2)));
}

function drawRunSeconds(plan: WorkloadPlan, processors: number, random: SeededRandom): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const seconds = plan.medianRunSeconds * processors ** 0.2 * Math.exp(plan.sigma * normal);
  return Math.min(2 * daySeconds, Math.max(1, seconds));
}
