import type { PendingCreate } from '@drover/spec';
import type { Needs } from './needs.ts';
import { SlotArrays } from './slot-arrays.ts';
import { lowerBound } from './sorted-merge.ts';
import { type WorkerSlots, rankSpan } from './worker-slots.ts';

/** What is left on each VM while a pass hands out work. Slots above the workers' are creates in flight and of this pass. */
export class PassSlots {
  readonly workers: WorkerSlots;
  readonly left = new SlotArrays();
  /** Slots that the first container of this pass was put on, in the order in which that happened. */
  readonly journal: number[] = [];
  /** Counts passes, so that what belongs to an older one is recognised. */
  pass = 0;
  #next = 0;
  #created = 0;
  #pending: number[][] = [];
  /** By type: 1 while there may be VMs of it that nothing was taken of. */
  #freshTypes = new Uint8Array(0);
  /** By type: how many at the beginning of each list of fresh VMs are taken already. */
  #readyHeads: number[] = [];
  #unreadyHeads: number[] = [];

  constructor(workers: WorkerSlots) {
    this.workers = workers;
  }

  begin(pendingCreates: readonly PendingCreate[]): void {
    this.pass += 1;
    this.left.copyFrom(this.workers.base);
    this.journal.length = 0;
    this.#next = this.workers.workers.length;
    this.#created = 0;
    this.#pending = this.workers.capacities.map(() => []);
    this.#readyHeads = this.#pending.map(() => 0);
    this.#unreadyHeads = this.#pending.map(() => 0);
    for (const [i, { instanceType }] of pendingCreates.entries()) {
      const type = this.workers.ranks.indexOf.get(instanceType);
      if (type !== undefined) this.#pending[type]?.push(this.#add(type, rankSpan.pending + i));
    }
    this.#freshTypes = Uint8Array.from(this.#pending, (pending, type) => {
      const { freshReady, freshUnready } = this.workers;
      return pending.length + (freshReady[type]?.length ?? 0) + (freshUnready[type]?.length ?? 0) > 0 ? 1 : 0;
    });
  }

  /** A VM that this pass creates, for a container with these needs. It stands before all others of its class. */
  create(instanceType: string, needs: Needs): void {
    const type = this.workers.ranks.indexOf.get(instanceType);
    if (type === undefined) return;
    this.#created += 1;
    this.take(this.#add(type, rankSpan.pending - this.#created), needs);
  }

  take(slot: number, needs: Needs): void {
    if (this.left.fresh[slot] === 1) this.journal.push(slot);
    this.left.take(slot, needs);
  }

  /** True for a VM that exists and can start a container at once. */
  isReady(slot: number): boolean {
    return this.left.ready[slot] === 1;
  }

  /** False when nothing is left of this type that `firstFreshReady` or `firstFreshUnready` could find. */
  hasFresh(type: number): boolean {
    return this.#freshTypes[type] === 1;
  }

  /** Both were asked and found none: that stays so in this pass. */
  freshUsedUp(type: number): void {
    this.#freshTypes[type] = 0;
  }

  /** The first VM of this type that is ready and that nothing was taken of; -1: none. */
  firstFreshReady(type: number): number {
    return this.#first(this.workers.freshReady[type] ?? [], this.#readyHeads, type);
  }

  /** The first VM of this type that is not ready and that nothing was taken of, creates in flight included; -1: none. */
  firstFreshUnready(type: number): number {
    const pending = this.#pending[type]?.find((slot) => this.left.fresh[slot] === 1);
    return pending ?? this.#first(this.workers.freshUnready[type] ?? [], this.#unreadyHeads, type);
  }

  /** As `firstFreshReady`, among those whose rank is above `rank`. */
  freshReadyAfter(type: number, rank: number): number {
    const { left } = this;
    const slots = this.workers.freshReady[type] ?? [];
    const from = lowerBound(slots, (slot) => (left.rank[slot] ?? 0) > rank);
    return slots.find((slot, i) => i >= from && left.fresh[slot] === 1) ?? -1;
  }

  #first(slots: readonly number[], heads: number[], type: number): number {
    let head = heads[type] ?? 0;
    while (head < slots.length && this.left.fresh[slots[head] ?? -1] !== 1) head += 1;
    heads[type] = head;
    return slots[head] ?? -1;
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
    return slot;
  }
}
