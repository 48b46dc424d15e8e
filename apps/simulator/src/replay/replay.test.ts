import type { InstanceType } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { JobCollector } from '../trace-files/job-table.ts';
import type { JobShape } from '../trace-files/trace-job.ts';
import { replay, type ReplayInput } from './replay.ts';
import { type CloudModel, defaultCloudModel } from './replay-options.ts';
import type { ReplayReport } from './replay-report.ts';

const gibibyte = 1024 ** 3;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function type(name: string, vcpus: number, pricePerHour: number, preemptible = false): InstanceType {
  const scratch = { scratchBytes: gibibyte, includedScratchBytes: gibibyte, addedScratchBytes: 0 };
  return { name, providerType: name, vcpus, ramBytes: vcpus * 4 * gibibyte, ...scratch, pricePerHour, preemptible };
}

function shape(vcpus: number, over: Partial<JobShape> = {}): JobShape {
  return {
    resources: { vcpus, ramBytes: gibibyte, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    preemptible: 'prefer',
    priority: 500,
    supervisor: false,
    constraints: {},
    ...over,
  };
}

interface Job {
  readonly atMs: number;
  readonly runMs: number;
  readonly vcpus?: number;
  readonly exitCode?: number;
}

function run(
  jobs: readonly Job[],
  over: {
    readonly types?: readonly InstanceType[];
    readonly pool?: ReplayInput['configuration']['pool'];
    readonly model?: Partial<CloudModel>;
  } = {},
): Promise<ReplayReport> {
  const collector = new JobCollector();
  for (const { atMs, runMs, vcpus = 1, exitCode = 0 } of jobs)
    collector.add({ submitMs: atMs, runMs, shape: shape(vcpus), peakRamBytes: 0, exitCode });
  const { types = [type('small', 1, 0.1)], pool = {}, model = {} } = over;
  return replay({
    jobs: collector.table(),
    configuration: { name: 'test', instanceTypes: types, pool, scheduler: {}, queueLimits: {} },
    model: { ...defaultCloudModel, ...model },
  });
}

describe('a replay', () => {
  it('tells the cost, the waits and what the VMs did', async () => {
    const report = await run([{ atMs: 0, runMs: hourMs }]);
    expect(report.jobs).toEqual({
      submitted: 1,
      completed: 1,
      failed: 0,
      unsatisfiable: 0,
      givenUp: 0,
      unfinished: 0,
    });
    // A minute to boot, found at one of the attempts that come every ten seconds.
    expect(report.waits.p50Ms).toBeGreaterThanOrEqual(minuteMs);
    expect(report.waits.p50Ms).toBeLessThan(minuteMs + 12_000);
    expect(report.makespanMs).toBeCloseTo(report.waits.p50Ms + hourMs, -3);
    // Boot, the hour, a minute idle, and its end.
    expect(report.hours.busy).toBeCloseTo(1, 3);
    expect(report.hours.total).toBeGreaterThan(1 + 2 / 60);
    expect(report.hours.total).toBeLessThan(1 + 3 / 60);
    expect(report.cost.total).toBeCloseTo(report.hours.total * 0.1, 6);
    expect(report.cost).toMatchObject({ spot: 0, onDemand: report.cost.total });
    expect(report.utilisation.vcpus).toBeCloseTo(1 / report.hours.total, 6);
    expect(report.types).toMatchObject([{ instanceType: 'small', vms: 1, preemptible: false }]);
    expect(report.peakInstances).toBe(1);
  });

  it('shows what a limit costs in waiting', async () => {
    const jobs = Array.from({ length: 4 }, () => ({ atMs: 0, runMs: hourMs }));
    const [free, limited] = [await run(jobs), await run(jobs, { pool: { maxInstances: 1 } })];
    expect(free.waits.maxMs).toBeLessThan(2 * minuteMs);
    expect(limited.waits.maxMs).toBeGreaterThan(3 * hourMs);
    expect(limited.waits.maxMs).toBeLessThan(3 * hourMs + 2 * minuteMs);
    expect([free.peakInstances, limited.peakInstances]).toEqual([4, 1]);
    expect(limited.hours.boot).toBeLessThan(free.hours.boot);
  });

  it('packs jobs onto VMs as the scheduler does, and reuses an idle one', async () => {
    const report = await run(
      [
        { atMs: 0, runMs: hourMs, vcpus: 2 },
        { atMs: 0, runMs: hourMs, vcpus: 2 },
        { atMs: hourMs + 100_000, runMs: minuteMs, vcpus: 4 },
      ],
      { types: [type('large', 4, 0.4)] },
    );
    expect(report.types).toMatchObject([{ instanceType: 'large', vms: 1 }]);
    expect(report.waits.p50Ms).toBeGreaterThan(minuteMs);
  });

  it('runs again what a spot VM took with it, and counts what was lost', async () => {
    const report = await run([{ atMs: 0, runMs: 4 * hourMs }], {
      types: [type('small', 1, 0.1), type('small-spot', 1, 0.03, true)],
      model: { zones: [{ name: 'zone-a', spotMeanLifeMs: hourMs }] },
    });
    expect(report.jobs.completed).toBe(1);
    expect(report.interruptions.runs).toBeGreaterThan(0);
    expect(report.interruptions.vms).toBeGreaterThanOrEqual(report.interruptions.runs);
    expect(report.interruptions.lostRunHours).toBeGreaterThan(0);
    expect(report.cost.spot).toBeGreaterThan(0);
    // All that ran, lost or not, is what the VMs were busy with.
    expect(report.hours.busy).toBeCloseTo(4 + report.interruptions.lostRunHours, 2);
  });

  it('does not lose what can never run', async () => {
    const report = await run([
      { atMs: 0, runMs: minuteMs, vcpus: 64 },
      { atMs: 0, runMs: minuteMs, exitCode: 3 },
    ]);
    expect(report.jobs).toMatchObject({ submitted: 2, completed: 1, failed: 1, unsatisfiable: 1, unfinished: 0 });
  });

  it('ends although nothing is ever to be had', async () => {
    const report = await run([{ atMs: 0, runMs: minuteMs }], { model: { quota: 0 } });
    expect(report.jobs).toMatchObject({ submitted: 1, completed: 0, unfinished: 1 });
  });

  it('is the same with the same seed, and follows instances, runs and queue over time', async () => {
    const jobs = Array.from({ length: 50 }, (_, i) => ({ atMs: i * 20_000, runMs: (1 + (i % 7)) * minuteMs }));
    const options = { pool: { maxInstances: 3 }, model: { bootMs: [20_000, 40_000, 90_000] } };
    const first = await run(jobs, options);
    expect(await run(jobs, options)).toEqual(first);
    const { bucketMs, values } = first.series;
    const hoursOf = (name: 'instances' | 'running'): number =>
      (values[name].reduce((sum, value) => sum + value, 0) * bucketMs) / hourMs;
    expect(hoursOf('instances')).toBeCloseTo(first.hours.total, 3);
    expect(hoursOf('running')).toBeCloseTo(jobs.reduce((sum, { runMs }) => sum + runMs, 0) / hourMs, 3);
    expect(Math.max(...values.instances)).toBeLessThanOrEqual(3);
    expect(values.waiting.at(-1)).toBe(0);
  });
});
