import { createHash } from 'node:crypto';
import type { Clock } from '@drover/spec';
import { InvalidRequestError } from '@drover/spec';
import { findMarked, killProcess } from './end-processes.ts';
import { loopbackTimes } from './loopback-options.ts';
import { LoopbackVm } from './loopback-vm.ts';
import { isAlive } from './process-identity.ts';
import type { VmFolders } from './vm-folders.ts';
import type { VmRecord } from './vm-record.ts';

/** The beginning of the markers of all VMs whose folders lie in this one, and of no others. */
export function markerPrefixOf(path: string): string {
  return `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.`;
}

/** All VMs of one instance set: those found on disk and those made since. */
export class VmFleet {
  readonly folders: VmFolders;
  readonly #clock: Clock;
  readonly #vms = new Map<string, LoopbackVm>();

  constructor(folders: VmFolders, clock: Clock) {
    this.folders = folders;
    this.#clock = clock;
  }

  get markerPrefix(): string {
    return markerPrefixOf(this.folders.path);
  }

  get(id: string): LoopbackVm | undefined {
    return this.#vms.get(id) ?? this.#load(id);
  }

  /** VMs that may still have processes. */
  alive(): number {
    let count = 0;
    for (const vm of this.#vms.values()) if (vm.endedAtMs === undefined) count += 1;
    return count;
  }

  /** Makes the folder of a new VM; its process is to be launched next. Throws the system's errors. */
  make(record: VmRecord, tags: LoopbackVm['tags']): LoopbackVm {
    this.folders.make(record, tags);
    return this.#add(record, tags);
  }

  /**
   * Every VM, after a look at the disk and at their processes: the dead ones have been swept, those long dead removed.
   */
  async refresh(): Promise<readonly LoopbackVm[]> {
    const ids = new Set(this.folders.ids());
    for (const id of ids) this.get(id);
    await Promise.all(
      Array.from(this.#vms.values(), async (vm) => {
        const { id } = vm.record;
        if (!ids.has(id) && !this.folders.exists(id)) await this.#forgetWithoutFolder(vm);
        else if (this.#isForgettable(vm)) await this.remove(vm);
        else if (vm.lifecycle === 'stopping') await vm.end();
      }),
    );
    return [...this.#vms.values()];
  }

  /** Ends a VM and removes all trace of it. */
  async remove(vm: LoopbackVm): Promise<void> {
    await vm.end();
    await this.folders.remove(vm.record.id);
    this.#vms.delete(vm.record.id);
  }

  /** Removes the folders of VMs that were seen dead, however long ago: their absence proves as much. */
  async removeEnded(): Promise<void> {
    await Promise.all(
      Array.from(this.#vms.values(), async (vm) => (vm.endedAtMs === undefined ? undefined : this.remove(vm))),
    );
  }

  /** Ends processes of VMs whose folders are gone; a crash while a folder was being removed cannot leave any, a person can. */
  async endOrphans(): Promise<void> {
    const prefix = this.markerPrefix;
    for (const { identity, marker } of await findMarked((found) => found.startsWith(prefix))) {
      const [id = ''] = marker.slice(prefix.length).split('.');
      // A folder is there before the first process of its VM and until after the last.
      if (!this.folders.exists(id) && isAlive(identity)) killProcess(identity.pid);
    }
  }

  async #forgetWithoutFolder(vm: LoopbackVm): Promise<void> {
    await vm.end();
    this.#vms.delete(vm.record.id);
  }

  #isForgettable(vm: LoopbackVm): boolean {
    return vm.endedAtMs !== undefined && this.#clock.monotonicMs() - vm.endedAtMs > loopbackTimes.terminatedVisibleMs;
  }

  #load(id: string): LoopbackVm | undefined {
    if (id.startsWith('.') || id.includes('/') || !this.folders.exists(id)) return undefined;
    try {
      return this.#add(this.folders.record(id), this.folders.tags(id));
    } catch (error) {
      // A dispatcher that is about to end may have removed it between the two looks.
      if (!this.folders.exists(id)) return undefined;
      throw new InvalidRequestError(`loopback: the folder ${this.folders.folder(id)} is damaged`, {
        cause: error,
        fix: 'end its processes, if any, and remove the folder',
      });
    }
  }

  #add(record: VmRecord, tags: LoopbackVm['tags']): LoopbackVm {
    const vm = new LoopbackVm(record, tags, { folders: this.folders, clock: this.#clock });
    this.#vms.set(record.id, vm);
    return vm;
  }
}
