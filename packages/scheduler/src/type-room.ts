import type { Needs } from './needs.ts';
import type { SlotLeft } from './slot-arrays.ts';

interface Most {
  ramBytes: number;
  scratchBytes: number;
  gpus: number;
}

/**
 * The most that is left on any VM in use of one type, by vcpus left. Where VMs are nearly full it tells for nearly every shape
 * at once that none has room; looking at each VM for each of 1,000 shapes took half of a pass.
 */
export class TypeRoom {
  /** Key: vcpus left, less the one that is set aside for containers that ask none. */
  readonly #most = new Map<number, Most>();

  add(left: SlotLeft): void {
    const key = left.vcpus - left.sharing;
    const most = this.#most.get(key);
    if (most === undefined) {
      this.#most.set(key, { ramBytes: left.ramBytes, scratchBytes: left.scratchBytes, gpus: left.gpus });
      return;
    }
    most.ramBytes = Math.max(most.ramBytes, left.ramBytes);
    most.scratchBytes = Math.max(most.scratchBytes, left.scratchBytes);
    most.gpus = Math.max(most.gpus, left.gpus);
  }

  mayHold(needs: Needs): boolean {
    for (const [vcpus, most] of this.#most) {
      if (vcpus < needs.vcpus) continue;
      if (most.ramBytes < needs.ramBytes || most.scratchBytes < needs.scratchBytes || most.gpus < needs.gpus) continue;
      return true;
    }
    return false;
  }
}
