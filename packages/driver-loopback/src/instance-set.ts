import {
  type CallOptions,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type HostKeys,
  type Instance,
  type InstanceId,
  type InstanceSet,
  type InstanceType,
  type LaunchFailure,
  type Listing,
  NotFoundError,
  type Offering,
  type PreflightRequest,
  type Tags,
} from '@drover/spec';
import { call } from './call.ts';
import type { CreateVms } from './create-vms.ts';
import type { LoopbackVm } from './loopback-vm.ts';
import { mapInstance, mapLaunchFailure } from './map-instance.ts';
import { preflight } from './preflight.ts';
import type { VmFleet } from './vm-fleet.ts';
import type { LoopbackParams } from './params.ts';

/** What the set was opened with. */
export interface LoopbackSettings {
  readonly params: LoopbackParams;
  /** False: namespaces are not to be used even where the kernel lets us. */
  readonly isolation: boolean;
}

/** The VMs of one dispatcher on this machine. */
export class LoopbackInstanceSet implements InstanceSet {
  readonly #fleet: VmFleet;
  readonly #creator: CreateVms;
  readonly #settings: LoopbackSettings;
  readonly #removals = new Set<Promise<void>>();

  constructor(fleet: VmFleet, creator: CreateVms, settings: LoopbackSettings) {
    this.#fleet = fleet;
    this.#creator = creator;
    this.#settings = settings;
  }

  offerings(type: InstanceType): readonly Offering[] {
    const { name, preemptible, pricePerHour } = type;
    return [{ id: `${name}@localhost`, instanceType: name, zone: 'localhost', preemptible, pricePerHour }];
  }

  create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]> {
    return call(`create ${request.createId}`, options, () => this.#creator.create(request));
  }

  list(tags: Tags, options: CallOptions): Promise<Listing> {
    return call('list the VMs', options, async () => {
      const wanted = Object.entries(tags);
      const vms = (await this.#fleet.refresh()).filter((vm) => wanted.every(([key, value]) => vm.tags[key] === value));
      return { instances: vms.map(mapInstance), launchFailures: vms.flatMap((vm) => this.#failureOf(vm)) };
    });
  }

  describe(id: InstanceId, options: CallOptions): Promise<Instance | 'gone'> {
    return call(`describe ${id}`, options, async () => {
      const vm = this.#fleet.get(id);
      if (vm === undefined) return 'gone';
      if (vm.lifecycle === 'stopping') await vm.end();
      return mapInstance(vm);
    });
  }

  /** Resolves when no process and no file of the VM is left. */
  destroy({ id }: Instance, options: CallOptions): Promise<void> {
    return call(`destroy ${id}`, options, async () => {
      const vm = this.#fleet.get(id);
      if (vm === undefined) return;
      const removal = this.#fleet.remove(vm);
      this.#removals.add(removal);
      try {
        await removal;
      } finally {
        this.#removals.delete(removal);
      }
    });
  }

  setTags({ id }: Instance, tags: Tags, options: CallOptions): Promise<void> {
    return call(`set tags of ${id}`, options, async () => this.#existing(id).setTags(tags));
  }

  hostKeys(id: InstanceId, options: CallOptions): Promise<HostKeys> {
    return call(`read the host key of ${id}`, options, async () => {
      const { ssh } = this.#existing(id);
      return ssh === undefined ? [] : [ssh.hostKey];
    });
  }

  preflight(request: PreflightRequest, options: CallOptions): Promise<readonly CheckResult[]> {
    const folder = this.#fleet.folders.path;
    return call('look at this machine', options, () => preflight(request, { ...this.#settings, folder }));
  }

  /** Waits for removals that are under way, and leaves no folder of a VM that was seen dead. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#removals, this.#fleet.removeEnded()]);
  }

  #existing(id: InstanceId): LoopbackVm {
    const vm = this.#fleet.get(id);
    if (vm === undefined) throw new NotFoundError(`loopback: there is no VM ${id}`);
    return vm;
  }

  #failureOf(vm: LoopbackVm): readonly LaunchFailure[] {
    const failure = mapLaunchFailure(vm, this.#fleet.folders.folder(vm.record.id));
    return failure === undefined ? [] : [failure];
  }
}
