import type { ContainerUuid, InstanceId, InstanceType, WorkerView } from '@drover/spec';
import type { Needs } from './needs.ts';
import { SlotArrays } from './slot-arrays.ts';
import { SlotLine } from './slot-line.ts';
import { mergeSorted } from './sorted-merge.ts';
import { type TypeRanks, rankTypes } from './type-ranks.ts';
import { workerChanges } from './worker-changes.ts';

/** Ranks of one class of types: creates of this pass, creates in flight and VMs each have their part of it. */
export const rankSpan = { class: 2 ** 22, workers: 2 ** 21, pending: 2 ** 20 } as const;

/** Up to so many changed VMs are looked at one by one; beyond, looking at all is as quick. */
const maxGrown = 64;
const none: readonly number[] = [];

/** The workers by slot: what each has left before the pass begins, and the lists that placements start from. */
export class WorkerSlots {
  readonly ranks: TypeRanks;
  readonly capacities: readonly Needs[];
  readonly base = new SlotArrays();
  readonly workers: (WorkerView | undefined)[] = [];
  /** Slots in candidate order, those that take nothing included. */
  order: number[] = [];
  /** By type: the VMs, with what is left on each before the pass. */
  lines: SlotLine[] = [];
  /** By type: the slots of `lines`, also of VMs that take nothing now. Another array whenever a VM comes or goes. */
  ofType: readonly (readonly number[])[];
  /** VMs that run anything. */
  inUse = 0;
  readonly #slotOf = new Map<InstanceId, number>();
  readonly #free: number[] = [];
  readonly #stale = new Set<number>();
  #added: number[] = [];
  #removed = false;
  #last: readonly WorkerView[] = [];
  #log: number[] = [];
  #logStart = 0;
  #settled: number[] = [];

  constructor(types: readonly InstanceType[]) {
    this.ranks = rankTypes(types);
    this.capacities = this.ranks.types.map((type) => ({
      vcpus: type.vcpus,
      ramBytes: type.ramBytes,
      scratchBytes: type.scratchBytes,
      gpus: type.gpu?.count ?? 0,
    }));
    this.ofType = this.capacities.map(() => []);
    this.lines = this.ofType.map((slots) => new SlotLine(this.base, slots));
  }

  /** Grows with every slot on which more may fit. */
  get version(): number {
    return this.#logStart + this.#log.length;
  }

  /** Slots on which more may fit than at that version; undefined: too many to look at one by one. */
  grownSince(version: number): readonly number[] | undefined {
    if (version === this.version) return none;
    return this.version - version > maxGrown ? undefined : this.#log.slice(version - this.#logStart);
  }

  /** Notes which workers came, went or changed; `settle` then works them in. */
  sync(workers: readonly WorkerView[], onChange: (before: WorkerView | undefined, after?: WorkerView) => void): void {
    const changes = workerChanges(this.#last, workers);
    this.#last = workers;
    for (const { before, after } of changes) {
      onChange(before, after);
      if (after !== undefined) this.#put(before, after);
    }
    for (const { before, after } of changes) if (before !== undefined && after === undefined) this.#drop(before);
  }

  #drop({ instanceId }: WorkerView): void {
    const slot = this.#slotOf.get(instanceId);
    if (slot === undefined) return;
    this.#slotOf.delete(instanceId);
    this.workers[slot] = undefined;
    this.#free.push(slot);
    this.#stale.add(slot);
    this.#removed = true;
  }

  /** What runs on the worker has other needs than before, or is no longer (or newly) known to the queue. */
  invalidate(id: InstanceId): void {
    const slot = this.#slotOf.get(id);
    if (slot !== undefined) this.#stale.add(slot);
  }

  /** Works all noted changes in. `needsOf` is undefined for a container that the queue does not know. */
  settle(needsOf: (uuid: ContainerUuid) => Needs | undefined): void {
    if (this.#stale.size === 0) return;
    for (const slot of this.#stale) {
      const wasInUse = this.#isInUse(slot);
      if (this.#fill(slot, needsOf)) this.#log.push(slot);
      this.inUse += Number(this.#isInUse(slot)) - Number(wasInUse);
      this.#settled.push(slot);
    }
    if (this.#log.length > 16 * maxGrown) {
      const drop = this.#log.length - maxGrown;
      this.#log = this.#log.slice(drop);
      this.#logStart += drop;
    }
    if (this.#added.length > 0 || this.#removed) {
      this.#sort();
      this.#list();
    } else for (const slot of this.#stale) this.lines[this.base.type[slot] ?? -1]?.refresh(slot);
    this.#stale.clear();
  }

  /** Slots worked in since the last call; repeats are possible. */
  takeSettled(): readonly number[] {
    const settled = this.#settled;
    this.#settled = [];
    return settled;
  }

  #isInUse(slot: number): boolean {
    return (this.base.containers[slot] ?? 0) > 0;
  }

  #put(before: WorkerView | undefined, worker: WorkerView): void {
    const slot = this.#slotOf.get(worker.instanceId) ?? this.#free.pop() ?? this.workers.length;
    const type = this.ranks.indexOf.get(worker.instanceType) ?? -1;
    this.base.grow(slot + 1);
    if (before === undefined || before.instanceType !== worker.instanceType) {
      this.#added.push(slot);
      this.#removed ||= before !== undefined;
    }
    this.workers[slot] = worker;
    this.base.type[slot] = type;
    this.#slotOf.set(worker.instanceId, slot);
    this.#stale.add(slot);
  }

  /** True when more may fit on it than before. */
  #fill(slot: number, needsOf: (uuid: ContainerUuid) => Needs | undefined): boolean {
    const worker = this.workers[slot];
    const capacity = this.capacities[this.base.type[slot] ?? -1];
    if (worker === undefined) {
      this.base.exhaust(slot);
      this.base.containers[slot] = 0;
      return false;
    }
    const before = this.base.at(slot);
    this.base.ready[slot] = worker.state === 'idle' || worker.state === 'running' ? 1 : 0;
    this.base.fill(slot, capacity ?? { vcpus: 0, ramBytes: 0, scratchBytes: 0, gpus: 0 });
    let unknown = false;
    for (const { uuid } of worker.containers) {
      const needs = needsOf(uuid);
      if (needs === undefined) unknown = true;
      else this.base.take(slot, needs);
    }
    if (unknown || worker.idleBehavior !== 'run' || worker.state === 'shutdown') this.base.exhaust(slot);
    this.base.containers[slot] = worker.containers.length;
    return !this.base.isWithin(slot, before);
  }

  #sort(): void {
    const moved = new Set(this.#added);
    this.order = mergeSorted(
      this.order,
      (slot) => this.workers[slot] !== undefined && !moved.has(slot),
      [...moved].filter((slot) => this.workers[slot] !== undefined),
      (a, b) => this.#classOf(a) - this.#classOf(b) || compareIds(this.workers[a], this.workers[b]),
    );
    this.#added = [];
    this.#removed = false;
  }

  #classOf(slot: number): number {
    return this.ranks.classOf[this.base.type[slot] ?? -1] ?? this.ranks.types.length;
  }

  #list(): void {
    const ofType: number[][] = this.capacities.map(() => []);
    for (const [i, slot] of this.order.entries()) {
      this.base.rank[slot] = this.#classOf(slot) * rankSpan.class + rankSpan.workers + i;
      const line = ofType[this.base.type[slot] ?? -1];
      if (line === undefined) continue;
      this.base.place[slot] = line.length;
      line.push(slot);
    }
    this.ofType = ofType;
    this.lines = ofType.map((slots) => new SlotLine(this.base, slots));
  }
}

function compareIds(a: WorkerView | undefined, b: WorkerView | undefined): number {
  const x = a?.instanceId ?? '';
  const y = b?.instanceId ?? '';
  return x < y ? -1 : x > y ? 1 : 0;
}
