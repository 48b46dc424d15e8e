import type { JobShape, TraceJob } from './trace-job.ts';

/** Collects jobs in any order; about 40 bytes each, so that a million of them is no matter. */
export class JobCollector {
  readonly #shapes: JobShape[] = [];
  readonly #shapeIndex = new Map<string, number>();
  readonly #columns: readonly number[][] = [[], [], [], [], []];

  get size(): number {
    return this.#columns[0]?.length ?? 0;
  }

  add({ submitMs, runMs, peakRamBytes, exitCode, shape }: TraceJob): void {
    const values = [submitMs, runMs, peakRamBytes, exitCode, this.#indexOf(shape)];
    for (const [at, value] of values.entries()) this.#columns[at]?.push(value);
  }

  /** All of them in the order of submission; those of one instant as they were added. */
  table(): JobTable {
    const [submitMs = [], ...others] = this.#columns;
    const order = Float64Array.from(submitMs.keys());
    order.sort((a, b) => (submitMs[a] ?? 0) - (submitMs[b] ?? 0) || a - b);
    const inOrder = (column: readonly number[] = []): Float64Array => order.map((index) => column[index] ?? 0);
    const startMs = submitMs[order[0] ?? 0] ?? 0;
    return new JobTable(this.#shapes, {
      submitMs: inOrder(submitMs).map((ms) => ms - startMs),
      runMs: inOrder(others[0]),
      peakRamBytes: inOrder(others[1]),
      exitCode: inOrder(others[2]),
      shape: inOrder(others[3]),
    });
  }

  #indexOf(shape: JobShape): number {
    const key = JSON.stringify(shape);
    const known = this.#shapeIndex.get(key);
    if (known !== undefined) return known;
    this.#shapeIndex.set(key, this.#shapes.length);
    this.#shapes.push(shape);
    return this.#shapes.length - 1;
  }
}

interface Columns {
  readonly submitMs: Float64Array;
  readonly runMs: Float64Array;
  readonly peakRamBytes: Float64Array;
  readonly exitCode: Float64Array;
  readonly shape: Float64Array;
}

/** The jobs of a trace in the order of submission; the replays of all configurations read the same table. */
export class JobTable {
  readonly shapes: readonly JobShape[];
  readonly #columns: Columns;

  constructor(shapes: readonly JobShape[], columns: Columns) {
    this.shapes = shapes;
    this.#columns = columns;
  }

  get size(): number {
    return this.#columns.submitMs.length;
  }

  /** Milliseconds after the first job. */
  submitMs(index: number): number {
    return this.#columns.submitMs[index] ?? 0;
  }

  runMs(index: number): number {
    return this.#columns.runMs[index] ?? 0;
  }

  /** 0: not known. */
  peakRamBytes(index: number): number {
    return this.#columns.peakRamBytes[index] ?? 0;
  }

  exitCode(index: number): number {
    return this.#columns.exitCode[index] ?? 0;
  }

  /** Index into `shapes`. */
  shape(index: number): number {
    return this.#columns.shape[index] ?? 0;
  }
}
