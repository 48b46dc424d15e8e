import type { InstanceType } from '@drover/spec';
import type { PassSlots } from './pass-slots.ts';
import type { Shape } from './shape.ts';
import { lowerBound } from './sorted-merge.ts';
import type { TypeRanks } from './type-ranks.ts';

/**
 * A shape as a pass serves it: the VMs in use that still have room for it, brought up to date when it is asked for. VMs only
 * fill up during a pass, so one that did not fit is never looked at again; those that are taken first in this pass come in
 * by the journal.
 */
export class Demand {
  readonly shape: Shape;
  /** Indexes of the eligible types, in candidate order. */
  readonly #types: readonly number[];
  /** Those of them on which it fits when nothing else is there. */
  readonly #freshTypes: readonly number[];
  readonly #eligible: Uint8Array;
  /** Some eligible types share a class, so that their VMs stand mixed. */
  readonly #mixed: boolean;
  readonly #maxContainers: number;
  /** VMs in use that fitted when last looked at, in candidate order. */
  #slots: number[] = [];
  #pass = -1;
  #journalRead = 0;
  /** Nothing has room for it until another VM is added to the journal. */
  #none = false;
  /** Fresh VMs of the types before this index are used up. */
  #freshStart = 0;
  #availablePass = -1;
  #available: InstanceType | undefined;
  /** Version of the workers as of which none of those in use had room for it; -1: some had. */
  #fullAt = -1;

  constructor(shape: Shape, ranks: TypeRanks, maxContainersPerInstance: number) {
    this.shape = shape;
    this.#maxContainers = maxContainersPerInstance;
    this.#types = shape.types.flatMap((type) => ranks.indexOf.get(type.name) ?? []).toSorted((a, b) => a - b);
    this.#freshTypes = this.#types.filter((type) => fitsType(ranks.types[type], shape));
    this.#mixed = new Set(this.#types.map((type) => ranks.classOf[type])).size < this.#types.length;
    this.#eligible = new Uint8Array(ranks.types.length);
    for (const type of this.#types) this.#eligible[type] = 1;
  }

  /** The cheapest eligible type that is not at capacity; undefined: all are. */
  availableType(pass: number, atCapacity: ReadonlySet<string>): InstanceType | undefined {
    if (this.#availablePass !== pass) {
      this.#availablePass = pass;
      this.#available = this.shape.types.find((type) => !atCapacity.has(type.name));
    }
    return this.#available;
  }

  /**
   * The VM for one more container of this shape; -1: none. The candidates are gone through in order and the pick is replaced
   * by each one that runs strictly more containers, and by a ready one while it is not ready itself. This finds the same VM
   * without visiting all: the first of those with most containers ends the search if it is ready; if not, the first ready one
   * behind it replaces it, and the search goes on from there.
   */
  pick(slots: PassSlots): number {
    if (this.#none && this.#pass === slots.pass && this.#journalRead === slots.journal.length) return -1;
    this.#refresh(slots);
    const picked = this.#foldCandidates(slots);
    this.#none = picked === -1;
    return picked;
  }

  #foldCandidates(slots: PassSlots): number {
    let fresh = -1;
    let fromRank = -1;
    for (;;) {
      const fullest = fromRank === -1 ? this.#compactAndFindFullest(slots) : this.#fullestFrom(slots, fromRank);
      if (fullest === -1) return fresh === -1 ? this.#firstFresh(slots) : fresh;
      if (slots.isReady(fullest)) return fullest;
      const rank = slots.left.rank[fullest] ?? 0;
      const next = this.#firstReadyAfter(slots, rank);
      if (next === -1) return fullest;
      fresh = slots.left.fresh[next] === 1 ? next : -1;
      fromRank = slots.left.rank[next] ?? 0;
    }
  }

  #refresh(slots: PassSlots): void {
    if (this.#pass !== slots.pass) {
      this.#pass = slots.pass;
      this.#journalRead = 0;
      this.#freshStart = 0;
      this.#collect(slots);
    }
    const { journal, left } = slots;
    const { rank } = left;
    for (; this.#journalRead < journal.length; this.#journalRead += 1) {
      const slot = journal[this.#journalRead] ?? -1;
      if (this.#eligible[left.type[slot] ?? -1] !== 1 || !left.fits(slot, this.shape.needs, this.#maxContainers))
        continue;
      const slotRank = rank[slot] ?? 0;
      this.#slots.splice(
        lowerBound(this.#slots, (other) => (rank[other] ?? 0) > slotRank),
        0,
        slot,
      );
    }
  }

  /** By what was left before the pass: what was taken since only makes the list too long. */
  #collect(slots: PassSlots): void {
    const { workers } = slots;
    const { base } = workers;
    const { needs } = this.shape;
    this.#slots.length = 0;
    const grown = this.#fullAt === -1 ? undefined : workers.grownSince(this.#fullAt);
    if (grown?.some((slot) => this.#mayServe(slots, slot)) === false) {
      this.#fullAt = workers.version;
      return;
    }
    for (const type of this.#types) {
      if (!workers.mayHold(type, needs)) continue;
      for (const slot of workers.touched[type] ?? []) {
        if (base.fits(slot, needs, this.#maxContainers)) this.#slots.push(slot);
      }
    }
    if (this.#mixed) this.#slots.sort((a, b) => (base.rank[a] ?? 0) - (base.rank[b] ?? 0));
    this.#fullAt = this.#slots.length === 0 ? workers.version : -1;
  }

  #mayServe({ workers }: PassSlots, slot: number): boolean {
    const { base } = workers;
    return (
      workers.workers[slot] !== undefined &&
      base.fresh[slot] !== 1 &&
      this.#eligible[base.type[slot] ?? -1] === 1 &&
      base.fits(slot, this.shape.needs, this.#maxContainers)
    );
  }

  #compactAndFindFullest({ left }: PassSlots): number {
    const list = this.#slots;
    const { needs } = this.shape;
    let kept = 0;
    let fullest = -1;
    let most = -1;
    for (let i = 0; i < list.length; i += 1) {
      const slot = list[i] ?? -1;
      if (!left.fits(slot, needs, this.#maxContainers)) continue;
      list[kept] = slot;
      kept += 1;
      const containers = left.containers[slot] ?? 0;
      if (containers <= most) continue;
      most = containers;
      fullest = slot;
    }
    list.length = kept;
    return fullest;
  }

  #fullestFrom({ left }: PassSlots, fromRank: number): number {
    let fullest = -1;
    let most = -1;
    for (const slot of this.#slots) {
      const containers = left.containers[slot] ?? 0;
      if ((left.rank[slot] ?? 0) < fromRank || containers <= most) continue;
      most = containers;
      fullest = slot;
    }
    return fullest;
  }

  #firstReadyAfter(slots: PassSlots, rank: number): number {
    const { left } = slots;
    let first = this.#slots.find((slot) => (left.rank[slot] ?? 0) > rank && slots.isReady(slot)) ?? -1;
    for (const type of this.#freshTypes) {
      const fresh = slots.freshReadyAfter(type, rank);
      if (fresh !== -1 && (first === -1 || (left.rank[fresh] ?? 0) < (left.rank[first] ?? 0))) first = fresh;
    }
    return first;
  }

  /** Among VMs with nothing on them a ready one wins over all that are not. */
  #firstFresh(slots: PassSlots): number {
    const { rank } = slots.left;
    let ready = -1;
    let unready = -1;
    for (let i = this.#freshStart; i < this.#freshTypes.length; i += 1) {
      const type = this.#freshTypes[i] ?? -1;
      if (!slots.hasFresh(type)) {
        if (i === this.#freshStart) this.#freshStart += 1;
        continue;
      }
      const a = slots.firstFreshReady(type);
      if (a !== -1 && (ready === -1 || (rank[a] ?? 0) < (rank[ready] ?? 0))) ready = a;
      if (ready !== -1 && !this.#mixed) break;
      const b = ready === -1 ? slots.firstFreshUnready(type) : -1;
      if (b !== -1 && (unready === -1 || (rank[b] ?? 0) < (rank[unready] ?? 0))) unready = b;
      if (a === -1 && b === -1 && ready === -1) slots.freshUsedUp(type);
    }
    return ready === -1 ? unready : ready;
  }
}

function fitsType(type: InstanceType | undefined, { needs }: Shape): boolean {
  return (
    type !== undefined &&
    type.vcpus > 0 &&
    type.vcpus >= needs.vcpus &&
    type.ramBytes >= needs.ramBytes &&
    type.scratchBytes >= needs.scratchBytes &&
    (type.gpu?.count ?? 0) >= needs.gpus
  );
}
