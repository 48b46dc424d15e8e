import type { ContainerSpec, ContainerUuid, InstanceId } from '@drover/spec';
import type { JobTable } from '../trace-files/job-table.ts';
import type { JobShape } from '../trace-files/trace-job.ts';
import type { PlannedRun } from './replay-host.ts';

const uuidPrefix = 'trace-dz642-';

/** The jobs of a trace as containers, and what becomes of them. Times are monotonic and count from the first submission. */
export class JobRuns {
  readonly #jobs: JobTable;
  readonly #specs: readonly ContainerSpec[];
  readonly #waitMs: Float64Array;
  readonly #counts = {
    completed: 0,
    failed: 0,
    unsatisfiable: 0,
    givenUp: 0,
    lostRuns: 0,
    lostMs: 0,
    vcpuMs: 0,
    ramByteMs: 0,
  };
  #lastEndMs = 0;

  constructor(jobs: JobTable) {
    this.#jobs = jobs;
    this.#specs = jobs.shapes.map(specOf);
    this.#waitMs = new Float64Array(jobs.size).fill(Number.NaN);
  }

  uuid(index: number): ContainerUuid {
    return uuidPrefix + index.toString(36).padStart(15, '0');
  }

  spec(index: number): ContainerSpec {
    const spec = this.#specs[this.#jobs.shape(index)];
    if (spec === undefined) throw new Error(`job ${index} has no shape`);
    return spec;
  }

  plan(uuid: ContainerUuid): PlannedRun {
    const index = indexOf(uuid);
    return { runMs: this.#jobs.runMs(index), exitCode: this.#jobs.exitCode(index) };
  }

  started(uuid: ContainerUuid, _on: InstanceId, nowMs: number): void {
    const index = indexOf(uuid);
    if (Number.isNaN(this.#waitMs[index])) this.#waitMs[index] = nowMs - this.#jobs.submitMs(index);
  }

  /** `lostMs`: it ran so long when its VM was taken away. */
  ended(uuid: ContainerUuid, lostMs: number | undefined): void {
    const index = indexOf(uuid);
    const ranMs = lostMs ?? this.#jobs.runMs(index);
    const { vcpus, ramBytes } = this.spec(index).resources;
    this.#counts.vcpuMs += ranMs * vcpus;
    this.#counts.ramByteMs += ranMs * ramBytes;
    if (lostMs === undefined) return;
    this.#counts.lostRuns += 1;
    this.#counts.lostMs += lostMs;
  }

  final(uuid: ContainerUuid, state: 'Complete' | 'Cancelled', nowMs: number): void {
    const index = indexOf(uuid);
    this.#lastEndMs = nowMs;
    if (state === 'Complete') {
      this.#counts.completed += 1;
      if (this.#jobs.exitCode(index) !== 0) this.#counts.failed += 1;
    } else if (Number.isNaN(this.#waitMs[index])) this.#counts.unsatisfiable += 1;
    else this.#counts.givenUp += 1;
  }

  get makespanMs(): number {
    return this.#lastEndMs;
  }

  get counts(): Readonly<
    Record<
      'completed' | 'failed' | 'unsatisfiable' | 'givenUp' | 'lostRuns' | 'lostMs' | 'vcpuMs' | 'ramByteMs',
      number
    >
  > {
    return this.#counts;
  }

  /** Sorted; of those that have started. */
  waits(): Float64Array {
    return this.#waitMs.filter((ms) => !Number.isNaN(ms)).toSorted();
  }
}

function indexOf(uuid: ContainerUuid): number {
  return Number.parseInt(uuid.slice(uuidPrefix.length), 36);
}

function specOf({ resources, preemptible, priority, supervisor, constraints }: JobShape): ContainerSpec {
  return {
    command: ['replay'],
    env: {},
    resources,
    scheduling: { priority, preemptible, supervisor, ...constraints },
    // The trace says how each ended in the end; only what the cloud takes away runs again.
    retry: { attempts: 1, on: [] },
  };
}
