import type { ContainerUuid, PoolSnapshot, QueueEntry } from '@drover/spec';
import { Demand } from './demand.ts';
import { PassSlots } from './pass-slots.ts';
import { QueueRecord, compareRecords } from './queue-record.ts';
import type { QueueView } from './queue-view.ts';
import { RunTable } from './run-table.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { type Shape, type ShapeSource, ShapeTable } from './shape.ts';
import { updateSorted } from './sorted-merge.ts';
import { WorkerSlots } from './worker-slots.ts';

/** Shapes kept at most per container of the queue, before all are found anew. */
const maxShapesPerRecord = 4;
const minShapes = 10_000;

/**
 * What the passes know of queue and pool, kept up by what changed. It holds nothing that decides: a fresh index that reads
 * everything anew leads to the same actions.
 */
export class PlanIndex {
  readonly options: SchedulerOptions;
  readonly records = new Map<ContainerUuid, QueueRecord>();
  /** All records in the order of consideration: first those that are settled, because they run. */
  order: QueueRecord[] = [];
  /** How many are settled, and how many supervisors are among them: a pass steps over those. */
  readonly settled = { count: 0, supervisors: 0 };
  /**
   * All but those that are Queued, over quota and told so: what a pass has to look at behind the quota. At quota nearly the
   * whole queue is not among them.
   */
  readonly restless = new Set<QueueRecord>();
  readonly slots: PassSlots;
  readonly runs = new RunTable();
  readonly #shapes: ShapeSource;
  readonly #ownShapes: boolean;
  readonly #demands = new Map<Shape, Demand>();
  #queue: QueueView | undefined;
  #revision = -1;
  readonly #changed = new Set<ContainerUuid>();
  readonly #removed: QueueRecord[] = [];

  /** `shapes`: who tells the shape of a container; by default what it asks decides. */
  constructor(options: SchedulerOptions, shapes?: ShapeSource) {
    this.options = options;
    this.#shapes = shapes ?? new ShapeTable(options);
    this.#ownShapes = shapes === undefined;
    this.slots = new PassSlots(new WorkerSlots(options.instanceTypes));
  }

  /** True when it remembers far more shapes than the queue holds, and a fresh one would be better. */
  get bloated(): boolean {
    return this.#demands.size > Math.max(minShapes, maxShapesPerRecord * this.records.size);
  }

  /** An empty index for these options; since when codes hold is forgotten. */
  renewed(options: SchedulerOptions): PlanIndex {
    return new PlanIndex(options, this.#ownShapes ? undefined : this.#shapes);
  }

  /** Brings everything up to date and sets `code` of what runs. */
  sync(pool: PoolSnapshot, queue: QueueView, nowMs: number): void {
    const { workers } = this.slots;
    const changed = this.#changed;
    this.#syncQueue(queue);
    workers.sync(pool.workers, (before, after) => this.runs.moveWorker(before, after, changed));
    this.runs.setEnded(pool.exited, pool.finished, changed);
    workers.settle((uuid) => this.records.get(uuid)?.demand.shape.needs);
    this.#settleRecords(nowMs);
    changed.clear();
  }

  #syncQueue(queue: QueueView): void {
    if (this.#queue === queue && this.#revision === queue.revision) return;
    const changes = this.#queue === queue ? queue.changedSince(this.#revision) : undefined;
    if (changes === undefined) {
      for (const uuid of this.records.keys()) if (!queue.entries.has(uuid)) this.#remove(uuid);
      for (const entry of queue.entries.values()) this.#put(entry);
    } else {
      for (const uuid of changes) {
        const entry = queue.entries.get(uuid);
        if (entry === undefined) this.#remove(uuid);
        else this.#put(entry);
      }
    }
    this.#queue = queue;
    this.#revision = queue.revision;
  }

  #put(entry: QueueEntry): void {
    const known = this.records.get(entry.uuid);
    if (known?.entry === entry) return;
    this.#changed.add(entry.uuid);
    const demand = this.#demandOf(entry);
    if (known === undefined) {
      this.records.set(entry.uuid, new QueueRecord(entry, demand));
      this.#invalidateWorkers(entry.uuid);
      return;
    }
    known.entry = entry;
    if (known.demand === demand) return;
    known.demand = demand;
    this.#invalidateWorkers(entry.uuid);
  }

  #remove(uuid: ContainerUuid): void {
    const record = this.records.get(uuid);
    if (record === undefined) return;
    this.#removed.push(record);
    this.#countSettled(record, -1);
    this.records.delete(uuid);
    this.restless.delete(record);
    this.#changed.add(uuid);
    this.#invalidateWorkers(uuid);
  }

  #invalidateWorkers(uuid: ContainerUuid): void {
    for (const run of this.runs.runsOf(uuid)) this.slots.workers.invalidate(run.instanceId);
  }

  #demandOf(entry: QueueEntry): Demand {
    const shape = this.#shapes.shapeOf(entry);
    const known = this.#demands.get(shape);
    if (known !== undefined) return known;
    const demand = new Demand(shape, this.slots.workers.ranks, this.options.maxContainersPerInstance);
    this.#demands.set(shape, demand);
    return demand;
  }

  #settleRecords(nowMs: number): void {
    if (this.#changed.size === 0) return;
    const moved: QueueRecord[] = [];
    for (const uuid of this.#changed) {
      const record = this.records.get(uuid);
      if (record === undefined) continue;
      this.restless.add(record);
      this.#countSettled(record, -1);
      const code = record.judge(this.runs.runsOf(uuid), this.options.fenced);
      if (record.settled) record.setCode(code, nowMs);
      if (record.place()) moved.push(record);
      this.#countSettled(record, 1);
    }
    if (moved.length === 0 && this.#removed.length === 0) return;
    this.order = updateSorted(this.order, [...this.#removed, ...moved], moved, compareRecords);
    this.#removed.length = 0;
  }

  #countSettled({ settled, supervisor }: QueueRecord, by: 1 | -1): void {
    if (!settled) return;
    this.settled.count += by;
    if (supervisor) this.settled.supervisors += by;
  }
}
