import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeDispatcher } from '@drover/compose';
import { ConfigError, type ContainerSpec, type InstanceType } from '@drover/spec';
import {
  FakeCloud,
  MemoryQueue,
  SeededRandom,
  SimulatedClock,
  SimulatedHosts,
  simulatedRunnerSource,
} from '@drover/testkit';
import { TraceFile, TraceRecorder } from '@drover/trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudModelOf } from '../src/replay/cloud-model-of.ts';
import { replay } from '../src/replay/replay.ts';
import { readTrace } from '../src/trace-files/read-trace.ts';
import { defaultTraceReadOptions } from '../src/trace-files/trace-source.ts';

const gibibyte = 1024 ** 3;
const hourMs = 3_600_000;
const signal = new AbortController().signal;

function type(name: string, vcpus: number, pricePerHour: number, preemptible = false): InstanceType {
  const scratch = { scratchBytes: gibibyte, includedScratchBytes: gibibyte, addedScratchBytes: 0 };
  return { name, providerType: name, vcpus, ramBytes: vcpus * 4 * gibibyte, ...scratch, pricePerHour, preemptible };
}

const instanceTypes = [type('small', 2, 0.1), type('large', 8, 0.4), type('small-spot', 2, 0.03, true)];
const pool = { maxInstances: 12, timeoutIdleMs: 300_000 };

function spec(random: SeededRandom): ContainerSpec {
  const vcpus = random.chance(0.7) ? 1 + random.integer(2) : 4;
  return {
    name: 'secret-name',
    command: ['run', String(Math.round(30_000 * Math.exp(3 * random.next()))), '--password=hunter2'],
    env: { TOKEN: 'hunter2' },
    resources: { vcpus, ramBytes: gibibyte, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    scheduling: { priority: 500, preemptible: vcpus <= 2 ? 'prefer' : false, supervisor: false },
    retry: { attempts: 1, on: [] },
  };
}

const peakRamBytes = 123 * 1024 * 1024;

/** What happened, as whoever pays and waits sees it. */
interface Truth {
  readonly waitsMs: readonly number[];
  readonly vmHours: number;
  readonly cost: number;
  readonly lastEndMs: number;
}

/** Four hours of work on a simulated dispatcher with all its parts, recorded. */
async function record(path: string): Promise<Truth> {
  const clock = new SimulatedClock();
  const random = new SeededRandom(7);
  const hosts = new SimulatedHosts({
    clock,
    random,
    latencyMs: 20,
    planRun: ({ container }) => ({
      runTimeMs: Number(container.command[1]),
      exitCode: random.chance(0.1) ? 1 : 0,
      peakRamBytes,
    }),
  });
  const born = new Map<string, number>();
  let [vmHours, cost] = [0, 0];
  const cloud = new FakeCloud({
    clock,
    random,
    bootDelay: { minMs: 40_000, maxMs: 90_000 },
    latency: { minMs: 500, maxMs: 1500 },
    faults: { spotKillMeanMs: 2 * hourMs },
    hooks: {
      ...hosts.cloudHooks,
      onGone: (instance) => {
        hosts.cloudHooks.onGone?.(instance);
        const hours = (clock.monotonicMs() - (born.get(instance.id) ?? 0)) / hourMs;
        vmHours += hours;
        cost += hours * (instance.pricePerHour ?? 0);
      },
    },
  });
  const database = new MemoryQueue({ clock, random, latencyMs: () => 2 });
  const { queue, state, store } = database.open();
  let file: TraceFile | undefined;
  const recorder = new TraceRecorder({
    clock,
    droverVersion: 'test',
    instanceTypes,
    open: (header) => (file = new TraceFile({ path, maxBytes: 10_000_000, clock, onError: () => undefined }, header)),
  });
  const dispatcher = composeDispatcher(
    {
      clock,
      random: random.fork('dispatcher'),
      observe: (event) => {
        if (event.type === 'instance-appeared') born.set(event.instanceId, clock.monotonicMs());
        recorder.observe(event);
      },
      instanceSet: cloud,
      executorFactory: hosts.executorFactory,
      queue: recorder.watch(queue),
      stateStore: state,
      runner: simulatedRunnerSource,
    },
    { pool: { instanceSetId: 'test', instanceTypes, ...pool } },
  );
  await Promise.all([dispatcher.start(), clock.advance(1000)]);
  const work = random.fork('work');
  const uuids: string[] = [];
  for (let i = 0; i < 150; i += 1) {
    const submitted = store.submit([spec(work)], { signal });
    await clock.advance(10 - Math.log(1 - work.next()) * 90_000);
    uuids.push(...(await submitted));
  }
  await clock.advance(4 * hourMs);
  file?.close();
  const records = uuids.map((uuid) => database.record(uuid));
  return {
    waitsMs: records
      .map((r) => (r.attempts.find((a) => a.startedAtMs !== undefined)?.startedAtMs ?? 0) - r.submittedAtMs)
      .toSorted((a, b) => a - b),
    vmHours,
    cost,
    lastEndMs: Math.max(...records.map((r) => r.finishedAtMs ?? 0)) - (records[0]?.submittedAtMs ?? 0),
  };
}

let folder = '';
let path = '';
let truth: Truth;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-record-'));
  path = join(folder, 'trace.ndjson');
  truth = await record(path);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a dispatcher, recorded and replayed', () => {
  it('costs and waits in the replay as it did', async () => {
    const trace = await readTrace(path, defaultTraceReadOptions);
    expect(trace.format).toBe('drover');
    expect(trace.jobs.size).toBe(150);
    expect(trace.jobs.peakRamBytes(149)).toBe(peakRamBytes);
    expect(trace.environment?.instanceTypes).toEqual(instanceTypes);
    const configuration = { name: 'same', instanceTypes, pool, scheduler: {}, queueLimits: {} };
    const report = await replay({ jobs: trace.jobs, configuration, model: cloudModelOf(trace.environment) });
    expect(report.jobs).toMatchObject({ submitted: 150, completed: 150 });
    // Chance strikes other spot VMs at other times, so a replay is like what happened and not the same: within a tenth.
    expect(Math.abs(report.hours.total / truth.vmHours - 1)).toBeLessThan(0.1);
    expect(Math.abs(report.cost.total / truth.cost - 1)).toBeLessThan(0.1);
    expect(Math.abs(report.makespanMs / truth.lastEndMs - 1)).toBeLessThan(0.05);
    // Waits are boots, found by attempts ten seconds apart.
    const quantile = (q: number): number => truth.waitsMs[Math.ceil(q * truth.waitsMs.length) - 1] ?? 0;
    expect(Math.abs(report.waits.p50Ms - quantile(0.5))).toBeLessThan(10_000);
    expect(Math.abs(report.waits.p95Ms - quantile(0.95))).toBeLessThan(20_000);
    expect(report.interruptions.vms).toBeGreaterThan(0);
  });

  it('gives no secret away, nor what was run', () => {
    const text = readFileSync(path, 'utf8');
    for (const secret of ['hunter2', 'secret-name', 'password', 'TOKEN']) expect(text).not.toContain(secret);
  });

  it('may have been cut off within a line, which is said', async () => {
    const text = readFileSync(path, 'utf8');
    const cutPath = join(folder, 'cut.ndjson');
    const cut = text.slice(0, Math.floor(text.length / 2));
    writeFileSync(cutPath, cut);
    const half = await readTrace(cutPath, defaultTraceReadOptions);
    expect([...half.notes.skipped.keys()]).toEqual([
      expect.stringMatching(/^line that a crash cut off/),
      'had not ended when the recording did',
    ]);
    expect(half.jobs.size).toBeGreaterThan(20);
    // The next process begins anew behind it; what is lost is that line.
    appendFileSync(cutPath, `\n${text}`);
    const both = await readTrace(cutPath, defaultTraceReadOptions);
    expect(both.notes.skipped.size).toBe(1);
  });

  it('must not be broken elsewhere', async () => {
    const lines = readFileSync(path, 'utf8').split('\n');
    const broken = join(folder, 'broken.ndjson');
    writeFileSync(broken, [...lines.slice(0, 5), '{"type":"ended"', ...lines.slice(5)].join('\n'));
    const error: unknown = await readTrace(broken, defaultTraceReadOptions).catch((thrown: unknown) => thrown);
    expect(error instanceof ConfigError ? error.problems : error).toMatchObject([
      { code: 'TRACE_INVALID', line: 6, column: 1 },
    ]);
  });
});
