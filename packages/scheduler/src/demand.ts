import type { InstanceType } from '@drover/spec';
import type { PassSlots } from './pass-slots.ts';
import type { Shape } from './shape.ts';
import type { Found, Search, SlotLine } from './slot-line.ts';
import type { TypeRanks } from './type-ranks.ts';
import type { WorkerSlots } from './worker-slots.ts';

/** A shape as passes serve it: finds VMs for its containers, and remembers that there are none. */
export class Demand {
  readonly shape: Shape;
  /** Indexes of the eligible types, in candidate order. */
  readonly #types: readonly number[];
  readonly #maxContainers: number;
  #pass = -1;
  /** No worker had room when the pass began, so none has now. */
  #workersFull = false;
  /** Version of the workers as of which none had room; -1: some had, or it is not known. */
  #fullAt = -1;
  /** How many VMs the pass had created when nothing had room; -1: that was not so. */
  #noneAtCreated = -1;
  #availablePass = -1;
  #available: InstanceType | undefined;

  constructor(shape: Shape, ranks: TypeRanks, maxContainersPerInstance: number) {
    this.shape = shape;
    this.#maxContainers = maxContainersPerInstance;
    this.#types = shape.types.flatMap((type) => ranks.indexOf.get(type.name) ?? []).toSorted((a, b) => a - b);
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
    if (this.#pass !== slots.pass) this.#begin(slots);
    // VMs only fill up during a pass; a new one is the only hope.
    if (this.#noneAtCreated === slots.created) return -1;
    let fromRank = 0;
    for (;;) {
      const fullest = this.#search(slots, fromRank, 'findFullest');
      if (fullest === -1) this.#noneAtCreated = slots.created;
      if (fullest === -1 || slots.isReady(fullest)) return fullest;
      const next = this.#search(slots, (slots.left.rank[fullest] ?? 0) + 1, 'findFirstReady');
      if (next === -1) return fullest;
      fromRank = slots.left.rank[next] ?? 0;
    }
  }

  #begin(slots: PassSlots): void {
    this.#pass = slots.pass;
    this.#noneAtCreated = -1;
    this.#workersFull = !this.#anyWorkerHasRoom(slots.workers);
  }

  #anyWorkerHasRoom(workers: WorkerSlots): boolean {
    const { base, lines } = workers;
    const { needs } = this.shape;
    const grown = this.#fullAt === -1 ? undefined : workers.grownSince(this.#fullAt);
    const mayServe = (slot: number): boolean =>
      this.#types.includes(base.type[slot] ?? -1) && base.fits(slot, needs, this.#maxContainers);
    const search: Search = { needs, maxContainers: this.#maxContainers, fromRank: 0 };
    const any =
      grown === undefined
        ? this.#types.some((type) => lines[type]?.hasRoom(search) === true)
        : grown.some((slot) => mayServe(slot));
    this.#fullAt = any ? -1 : workers.version;
    return any;
  }

  #search(slots: PassSlots, fromRank: number, find: 'findFullest' | 'findFirstReady'): number {
    const search: Search = { needs: this.shape.needs, maxContainers: this.#maxContainers, fromRank };
    const found: Found = { slot: -1, containers: -1, rank: -1 };
    for (const type of this.#types) {
      searchLine(slots.creating[type], search, found, find);
      if (!this.#workersFull) searchLine(slots.lines[type], search, found, find);
    }
    return found.slot;
  }
}

function searchLine(
  line: SlotLine | undefined,
  search: Search,
  found: Found,
  find: 'findFullest' | 'findFirstReady',
): void {
  if (line === undefined) return;
  if (find === 'findFullest') line.findFullest(search, found);
  else line.findFirstReady(search, found);
}
