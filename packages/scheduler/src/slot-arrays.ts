import type { Needs } from './needs.ts';

/** What is left on one VM. */
export interface SlotLeft extends Needs {
  readonly sharing: number;
  readonly containers: number;
  readonly type: number;
}

/** What is left on each VM, one array per resource: a pass reads thousands of these for each container. */
export class SlotArrays {
  vcpus = new Float64Array(64);
  ramBytes = new Float64Array(64);
  scratchBytes = new Float64Array(64);
  gpus = new Int32Array(64);
  /** 1: runs a container that asks 0 vcpus; one vcpu is set aside for all such. */
  sharing = new Uint8Array(64);
  /** How many containers it runs. */
  containers = new Int32Array(64);
  /** 1: idle or running. */
  ready = new Uint8Array(64);
  /** Index of the instance type. */
  type = new Int32Array(64);
  /** Place among the candidates of a placement. */
  rank = new Float64Array(64);
  /** Place in the line that it stands in. */
  place = new Int32Array(64);

  get capacity(): number {
    return this.vcpus.length;
  }

  /** Makes room for at least `slots` VMs. */
  grow(slots: number): void {
    if (slots <= this.capacity) return;
    const capacity = Math.max(slots, this.capacity * 2);
    this.vcpus = enlarged(this.vcpus, new Float64Array(capacity));
    this.ramBytes = enlarged(this.ramBytes, new Float64Array(capacity));
    this.scratchBytes = enlarged(this.scratchBytes, new Float64Array(capacity));
    this.gpus = enlarged(this.gpus, new Int32Array(capacity));
    this.sharing = enlarged(this.sharing, new Uint8Array(capacity));
    this.containers = enlarged(this.containers, new Int32Array(capacity));
    this.ready = enlarged(this.ready, new Uint8Array(capacity));
    this.type = enlarged(this.type, new Int32Array(capacity));
    this.rank = enlarged(this.rank, new Float64Array(capacity));
    this.place = enlarged(this.place, new Int32Array(capacity));
  }

  copyFrom(other: SlotArrays): void {
    this.grow(other.capacity);
    this.vcpus.set(other.vcpus);
    this.ramBytes.set(other.ramBytes);
    this.scratchBytes.set(other.scratchBytes);
    this.gpus.set(other.gpus);
    this.sharing.set(other.sharing);
    this.containers.set(other.containers);
    this.ready.set(other.ready);
    this.type.set(other.type);
    this.rank.set(other.rank);
    this.place.set(other.place);
  }

  /** One VM as it is in `other`. */
  copySlot(other: SlotArrays, slot: number): void {
    this.vcpus[slot] = other.vcpus[slot] ?? 0;
    this.ramBytes[slot] = other.ramBytes[slot] ?? 0;
    this.scratchBytes[slot] = other.scratchBytes[slot] ?? 0;
    this.gpus[slot] = other.gpus[slot] ?? 0;
    this.sharing[slot] = other.sharing[slot] ?? 0;
    this.containers[slot] = other.containers[slot] ?? 0;
    this.ready[slot] = other.ready[slot] ?? 0;
    this.type[slot] = other.type[slot] ?? 0;
    this.rank[slot] = other.rank[slot] ?? 0;
    this.place[slot] = other.place[slot] ?? 0;
  }

  /** A VM with nothing on it. */
  fill(slot: number, capacity: Needs): void {
    this.vcpus[slot] = capacity.vcpus;
    this.ramBytes[slot] = capacity.ramBytes;
    this.scratchBytes[slot] = capacity.scratchBytes;
    this.gpus[slot] = capacity.gpus;
    this.sharing[slot] = 0;
    this.containers[slot] = 0;
  }

  take(slot: number, needs: Needs): void {
    this.vcpus[slot] = (this.vcpus[slot] ?? 0) - needs.vcpus;
    this.ramBytes[slot] = (this.ramBytes[slot] ?? 0) - needs.ramBytes;
    this.scratchBytes[slot] = (this.scratchBytes[slot] ?? 0) - needs.scratchBytes;
    this.gpus[slot] = (this.gpus[slot] ?? 0) - needs.gpus;
    if (needs.vcpus === 0) this.sharing[slot] = 1;
    this.containers[slot] = (this.containers[slot] ?? 0) + 1;
  }

  /** Nothing may be put on it. */
  exhaust(slot: number): void {
    this.vcpus[slot] = 0;
  }

  /** What is left on a VM. */
  at(slot: number): SlotLeft {
    return {
      vcpus: this.vcpus[slot] ?? 0,
      sharing: this.sharing[slot] ?? 0,
      ramBytes: this.ramBytes[slot] ?? 0,
      scratchBytes: this.scratchBytes[slot] ?? 0,
      gpus: this.gpus[slot] ?? 0,
      containers: this.containers[slot] ?? 0,
      type: this.type[slot] ?? 0,
    };
  }

  /** True when nothing fits on the VM now that would not have fitted on `other`. */
  isWithin(slot: number, other: SlotLeft): boolean {
    const now = this.at(slot);
    return (
      now.type === other.type &&
      now.vcpus <= other.vcpus &&
      now.sharing >= other.sharing &&
      now.ramBytes <= other.ramBytes &&
      now.scratchBytes <= other.scratchBytes &&
      now.gpus <= other.gpus &&
      now.containers >= other.containers
    );
  }

  /** With no vcpu left a VM takes nothing, not even what asks for none. `maxContainers` 0: no limit. */
  fits(slot: number, needs: Needs, maxContainers: number): boolean {
    const vcpus = this.vcpus[slot] ?? 0;
    return (
      vcpus > 0 &&
      (needs.vcpus === 0 || vcpus - (this.sharing[slot] ?? 0) >= needs.vcpus) &&
      (this.ramBytes[slot] ?? 0) >= needs.ramBytes &&
      (this.scratchBytes[slot] ?? 0) >= needs.scratchBytes &&
      (this.gpus[slot] ?? 0) >= needs.gpus &&
      (maxContainers === 0 || (this.containers[slot] ?? 0) < maxContainers)
    );
  }
}

function enlarged<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}
