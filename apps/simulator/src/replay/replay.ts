import { composeDispatcher, type Dispatcher } from '@drover/compose';
import { defaultQueueLimits } from '@drover/queue-rules';
import type { DispatchEvent } from '@drover/spec';
import { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { JobTable } from '../trace-files/job-table.ts';
import { drive } from '../drive.ts';
import { whenSettled } from '../when-settled.ts';
import { JobRuns } from './job-runs.ts';
import { ReplayCloud } from './replay-cloud.ts';
import { ReplayHosts, replayRunner } from './replay-hosts.ts';
import { calmPacing, type CloudModel, type ReplayConfiguration } from './replay-options.ts';
import { ReplayQueue } from './replay-queue.ts';
import type { ReplayReport, SeriesName } from './replay-report.ts';
import { TimeSeries } from './time-series.ts';
import { VmMeter } from './vm-meter.ts';

/** When nothing runs and nothing was started for so long (a day), what is left never will be. */
const stuckAfterMs = 24 * 3_600_000;

/** What a replay works on. */
export interface ReplayInput {
  readonly jobs: JobTable;
  readonly configuration: ReplayConfiguration;
  readonly model: CloudModel;
  /** Hears now and then how many jobs have ended. */
  readonly onProgress?: (ended: number) => void;
  /** Sees every event of the dispatcher. */
  readonly observe?: (event: DispatchEvent, nowMs: number) => void;
}

/** Plays a trace through drover's own scheduler, pool and throttle over a simulated cloud, and reports what it made of it. */
export async function replay(input: ReplayInput): Promise<ReplayReport> {
  const { stackTraceLimit } = Error;
  // Each VM that is let go makes an error or two, and nobody reads where they were made.
  Error.stackTraceLimit = 0;
  try {
    const world = new ReplayWorld(input);
    await world.run();
    return world.report();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

class ReplayWorld {
  readonly #input: ReplayInput;
  readonly #clock = new SimulatedClock();
  readonly #runs: JobRuns;
  readonly #meter: VmMeter;
  readonly #series: TimeSeries<SeriesName>;
  readonly #queue: ReplayQueue;
  readonly #cloud: ReplayCloud;
  readonly #dispatcher: Dispatcher;
  #submitted = 0;
  #interruptions = 0;
  #movedAtMs = 0;

  constructor(input: ReplayInput) {
    this.#input = input;
    const { jobs, model, configuration } = input;
    const clock = this.#clock;
    const random = new SeededRandom(model.seed);
    this.#runs = new JobRuns(jobs);
    this.#meter = new VmMeter(model.minimumBilledMs);
    this.#series = new TimeSeries({ instances: 0, running: 0, waiting: 0 }, () => clock.monotonicMs());
    this.#queue = new ReplayQueue(clock, { ...defaultQueueLimits, ...configuration.queueLimits }, (uuid, state) => {
      this.#moved();
      this.#runs.final(uuid, state, clock.monotonicMs());
      // Nothing is cancelled here but what waits.
      if (state === 'Cancelled') this.#series.add('waiting', -1);
      this.#tellProgress();
    });
    const hosts = this.#makeHosts(random.fork('boot'));
    this.#cloud = new ReplayCloud(
      model,
      { clock, random: random.fork('cloud'), hosts: hosts.cloudHooks, meter: this.#meter },
      {
        onLaunch: () => this.#series.add('instances', 1),
        onGone: () => this.#series.add('instances', -1),
        onInterruption: () => (this.#interruptions += 1),
      },
    );
    this.#dispatcher = composeDispatcher(
      {
        clock,
        random: random.fork('dispatcher'),
        observe: (event) => this.#observe(event),
        instanceSet: this.#cloud.instanceSet,
        executorFactory: hosts.executorFactory,
        queue: this.#queue.port,
        stateStore: this.#queue.state,
        runner: replayRunner,
      },
      {
        pool: {
          ...configuration.pool,
          ...calmPacing.pool,
          instanceSetId: 'replay',
          instanceTypes: configuration.instanceTypes,
        },
        scheduler: configuration.scheduler,
        shell: calmPacing.shell,
      },
    );
  }

  async run(): Promise<void> {
    await this.#dispatcher.start();
    await new Promise<void>((resolve) => whenSettled(resolve));
    this.#submitDue();
    await drive({
      clock: this.#clock,
      isOver: () => this.#isOver(),
      // Thousands of VMs that were asked for together come together.
      maxStepsPerInstant: Number.POSITIVE_INFINITY,
    });
    this.#meter.close(this.#clock.monotonicMs());
  }

  report(): ReplayReport {
    const { counts } = this.#runs;
    const waits = this.#runs.waits();
    const quantile = (q: number): number => waits[Math.max(0, Math.ceil(q * waits.length) - 1)] ?? 0;
    const { completed, failed, unsatisfiable, givenUp, lostRuns, lostMs } = counts;
    const submitted = this.#submitted;
    return {
      configuration: this.#input.configuration.name,
      jobs: {
        submitted,
        completed,
        failed,
        unsatisfiable,
        givenUp,
        unfinished: submitted - completed - unsatisfiable - givenUp,
      },
      waits: {
        meanMs: waits.length === 0 ? 0 : waits.reduce((sum, ms) => sum + ms, 0) / waits.length,
        p50Ms: quantile(0.5),
        p95Ms: quantile(0.95),
        maxMs: quantile(1),
      },
      makespanMs: this.#runs.makespanMs,
      ...this.#meter.report(counts),
      interruptions: { vms: this.#interruptions, runs: lostRuns, lostRunHours: lostMs / 3_600_000 },
      peakInstances: this.#meter.peak,
      series: this.#series.finish(),
    };
  }

  /** Everything has ended, and the VMs with it; or nothing moves any more. */
  #isOver(): boolean {
    const allIn = this.#submitted === this.#input.jobs.size;
    if (allIn && this.#queue.unfinished === 0 && this.#cloud.alive === 0) return true;
    const rests = allIn && this.#series.get('running') === 0;
    return rests && this.#clock.monotonicMs() - this.#movedAtMs > stuckAfterMs;
  }

  /** Submits what is due now, and comes back when the next job is. */
  #submitDue(): void {
    const { jobs } = this.#input;
    const nowMs = this.#clock.monotonicMs();
    while (this.#submitted < jobs.size && jobs.submitMs(this.#submitted) <= nowMs) {
      this.#queue.submit(this.#runs.uuid(this.#submitted), this.#runs.spec(this.#submitted));
      this.#series.add('waiting', 1);
      this.#submitted += 1;
    }
    this.#moved();
    if (this.#submitted < jobs.size) this.#clock.timer(jobs.submitMs(this.#submitted) - nowMs, () => this.#submitDue());
  }

  #makeHosts(random: SeededRandom): ReplayHosts {
    const clock = this.#clock;
    const { bootMs } = this.#input.model;
    const runs = {
      plan: (uuid: string) => this.#runs.plan(uuid),
      onStart: (id: string, uuid: string) => {
        this.#moved();
        this.#runs.started(uuid, id, clock.monotonicMs());
        this.#meter.runStarted(id, clock.monotonicMs());
        this.#series.add('waiting', -1);
        this.#series.add('running', 1);
      },
      onEnd: (id: string, uuid: string, lost: { readonly ranMs: number } | undefined) => {
        this.#runs.ended(uuid, lost?.ranMs);
        this.#meter.runEnded(id, clock.monotonicMs());
        this.#series.add('running', -1);
        // It waits for another VM.
        if (lost !== undefined) this.#series.add('waiting', 1);
      },
    };
    return new ReplayHosts(clock, runs, () => bootMs[random.integer(bootMs.length)] ?? 0);
  }

  #observe(event: DispatchEvent): void {
    const nowMs = this.#clock.monotonicMs();
    if (event.type === 'instance-ready') this.#meter.ready(event.instanceId, nowMs);
    this.#input.observe?.(event, nowMs);
  }

  #moved(): void {
    this.#movedAtMs = this.#clock.monotonicMs();
  }

  #tellProgress(): void {
    const ended = this.#submitted - this.#queue.unfinished;
    if (ended % 1000 === 0) this.#input.onProgress?.(ended);
  }
}
