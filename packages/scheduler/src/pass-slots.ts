import type { PendingCreate } from '@drover/spec';
import type { Needs } from './needs.ts';
import { SlotArrays } from './slot-arrays.ts';
import { SlotLine } from './slot-line.ts';
import { type WorkerSlots, rankSpan } from './worker-slots.ts';

/** What is left on each VM while a pass hands out work. Slots above the workers' are creates in flight and of this pass. */
export class PassSlots {
  readonly workers: WorkerSlots;
  readonly left = new SlotArrays();
  /** By type: VMs that take containers, with what is left now. */
  lines: readonly SlotLine[] = [];
  /** By type: creates in flight and of this pass. */
  creating: readonly SlotLine[] = [];
  /** Counts passes, so that what belongs to an older one is recognised. */
  pass = 0;
  /** VMs that this pass creates. */
  created = 0;
  #next = 0;
  /** VMs that the pass before put something on. */
  #taken: number[] = [];
  #ofType: WorkerSlots['ofType'] | undefined;

  constructor(workers: WorkerSlots) {
    this.workers = workers;
  }

  begin(pendingCreates: readonly PendingCreate[]): void {
    const { workers, capacities, ranks } = this.workers;
    this.pass += 1;
    this.created = 0;
    this.#next = workers.length;
    this.#restore();
    this.creating = capacities.map(() => new SlotLine(this.left, []));
    for (const [i, { instanceType }] of pendingCreates.entries()) {
      const type = ranks.indexOf.get(instanceType);
      if (type !== undefined) this.#add(type, rankSpan.pending + i);
    }
  }

  /** A VM that this pass creates, for a container with these needs. It stands before all others of its class. */
  create(instanceType: string, needs: Needs): void {
    const type = this.workers.ranks.indexOf.get(instanceType);
    if (type === undefined) return;
    this.created += 1;
    this.take(this.#add(type, rankSpan.pending - this.created), needs);
  }

  take(slot: number, needs: Needs): void {
    this.left.take(slot, needs);
    this.#taken.push(slot);
    const lines = slot < this.workers.workers.length ? this.lines : this.creating;
    lines[this.left.type[slot] ?? -1]?.refresh(slot);
  }

  /** True for a VM that exists and can start a container at once. */
  isReady(slot: number): boolean {
    return this.left.ready[slot] === 1;
  }

  /** True when something runs on it or was put there in this pass. */
  inUse(slot: number): boolean {
    return (this.left.containers[slot] ?? 0) > 0;
  }

  /** What is left is what the workers say again. */
  #restore(): void {
    const { ofType, base, workers } = this.workers;
    const settled = this.workers.takeSettled();
    if (this.#ofType !== ofType) {
      this.#ofType = ofType;
      this.left.copyFrom(base);
      this.lines = ofType.map((slots) => new SlotLine(this.left, slots));
    } else {
      for (const slots of [settled, this.#taken])
        for (const slot of slots) {
          if (slot >= workers.length) continue;
          this.left.copySlot(base, slot);
          this.lines[this.left.type[slot] ?? -1]?.refresh(slot);
        }
    }
    this.#taken = [];
  }

  #add(type: number, rankInClass: number): number {
    const slot = this.#next;
    const capacity = this.workers.capacities[type];
    this.#next += 1;
    this.left.grow(this.#next);
    if (capacity !== undefined) this.left.fill(slot, capacity);
    this.left.type[slot] = type;
    this.left.ready[slot] = 0;
    this.left.rank[slot] = (this.workers.ranks.classOf[type] ?? 0) * rankSpan.class + rankInClass;
    this.creating[type]?.push(slot);
    return slot;
  }
}
