import type { Needs } from './needs.ts';
import type { SlotArrays } from './slot-arrays.ts';

/** VMs per block; 8 and 32 are as quick. */
const blockSize = 16;

/** The most that is left on any VM of a block, and what else lets a search step over it. */
interface Block {
  vcpus: number;
  /** Vcpus less the one that is set aside for containers that ask none. */
  freeVcpus: number;
  ramBytes: number;
  scratchBytes: number;
  gpus: number;
  containers: number;
  anyReady: boolean;
  firstRank: number;
  lastRank: number;
}

/** What is searched for: room for these needs, at this rank or behind. */
export interface Search {
  readonly needs: Needs;
  /** 0: no limit. */
  readonly maxContainers: number;
  readonly fromRank: number;
}

/** The best so far of a search through several lines; slot -1: none yet. */
export interface Found {
  slot: number;
  containers: number;
  rank: number;
}

/**
 * VMs of one type, in blocks that know the most that is left on any of theirs, so that a search steps over most of them.
 * The VMs stand in candidate order, or nearly: a search compares ranks, disorder only makes it longer.
 */
export class SlotLine {
  readonly #left: SlotArrays;
  readonly #slots: number[];
  readonly #blocks: Block[] = [];

  /** `left`: where what is left on each VM is kept; call `refresh` when it changes. */
  constructor(left: SlotArrays, slots: readonly number[]) {
    this.#left = left;
    this.#slots = [...slots];
    for (let at = 0; at < this.#slots.length; at += blockSize) this.#measure(at / blockSize);
  }

  push(slot: number): void {
    this.#left.place[slot] = this.#slots.length;
    this.#slots.push(slot);
    this.refresh(slot);
  }

  /** What is left on this VM of the line has changed. */
  refresh(slot: number): void {
    this.#measure(Math.floor((this.#left.place[slot] ?? 0) / blockSize));
  }

  /** True when any VM of the line has room. */
  hasRoom(search: Search): boolean {
    const found: Found = { slot: -1, containers: -1, rank: -1 };
    this.findFullest(search, found);
    return found.slot !== -1;
  }

  /** Improves `found` to the VM with most containers, the first of those with equally many. */
  findFullest(search: Search, found: Found): void {
    const { containers, rank } = this.#left;
    const { needs, maxContainers, fromRank } = search;
    for (let index = 0; index < this.#blocks.length; index += 1) {
      const block = this.#blocks[index];
      if (block === undefined || block.containers < found.containers || block.lastRank < fromRank) continue;
      if (block.containers === found.containers && block.firstRank >= found.rank) continue;
      if (!mayHold(block, needs)) continue;
      const end = Math.min((index + 1) * blockSize, this.#slots.length);
      for (let i = index * blockSize; i < end; i += 1) {
        const slot = this.#slots[i] ?? -1;
        const count = containers[slot] ?? 0;
        const slotRank = rank[slot] ?? 0;
        if (count < found.containers || slotRank < fromRank) continue;
        if (count === found.containers && slotRank >= found.rank) continue;
        if (!this.#left.fits(slot, needs, maxContainers)) continue;
        found.slot = slot;
        found.containers = count;
        found.rank = slotRank;
      }
    }
  }

  /** Improves `found` to the first VM that is ready. */
  findFirstReady(search: Search, found: Found): void {
    const { ready, rank } = this.#left;
    const { needs, maxContainers, fromRank } = search;
    for (let index = 0; index < this.#blocks.length; index += 1) {
      const block = this.#blocks[index];
      if (block === undefined || !block.anyReady || block.lastRank < fromRank) continue;
      if (found.slot !== -1 && block.firstRank >= found.rank) continue;
      if (!mayHold(block, needs)) continue;
      const end = Math.min((index + 1) * blockSize, this.#slots.length);
      for (let i = index * blockSize; i < end; i += 1) {
        const slot = this.#slots[i] ?? -1;
        const slotRank = rank[slot] ?? 0;
        if (ready[slot] !== 1 || slotRank < fromRank || (found.slot !== -1 && slotRank >= found.rank)) continue;
        if (!this.#left.fits(slot, needs, maxContainers)) continue;
        found.slot = slot;
        found.rank = slotRank;
      }
    }
  }

  #measure(index: number): void {
    const { vcpus, sharing, ramBytes, scratchBytes, gpus, containers, ready, rank } = this.#left;
    const block = emptyBlock();
    this.#blocks[index] = block;
    const end = Math.min((index + 1) * blockSize, this.#slots.length);
    for (let i = index * blockSize; i < end; i += 1) {
      const slot = this.#slots[i] ?? -1;
      const slotVcpus = vcpus[slot] ?? 0;
      const slotRank = rank[slot] ?? 0;
      block.vcpus = Math.max(block.vcpus, slotVcpus);
      block.freeVcpus = Math.max(block.freeVcpus, slotVcpus - (sharing[slot] ?? 0));
      block.ramBytes = Math.max(block.ramBytes, ramBytes[slot] ?? 0);
      block.scratchBytes = Math.max(block.scratchBytes, scratchBytes[slot] ?? 0);
      block.gpus = Math.max(block.gpus, gpus[slot] ?? 0);
      block.containers = Math.max(block.containers, containers[slot] ?? 0);
      block.anyReady ||= ready[slot] === 1;
      block.firstRank = Math.min(block.firstRank, slotRank);
      block.lastRank = Math.max(block.lastRank, slotRank);
    }
  }
}

function mayHold(block: Block, needs: Needs): boolean {
  return (
    block.vcpus > 0 &&
    (needs.vcpus === 0 || block.freeVcpus >= needs.vcpus) &&
    block.ramBytes >= needs.ramBytes &&
    block.scratchBytes >= needs.scratchBytes &&
    block.gpus >= needs.gpus
  );
}

function emptyBlock(): Block {
  return {
    vcpus: 0,
    freeVcpus: 0,
    ramBytes: 0,
    scratchBytes: 0,
    gpus: 0,
    containers: 0,
    anyReady: false,
    firstRank: Infinity,
    lastRank: -1,
  };
}
