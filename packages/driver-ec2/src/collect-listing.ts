import type { Instance, LaunchFailure, Listing, Tags } from '@drover/spec';
import { mapInstance, mapLaunchFailure } from './map-instance.ts';
import type { Ec2Params } from './params.ts';
import type { SpotPrices, SpotVm } from './prices.ts';
import type { SdkInstance } from './sdk-subset.ts';

/** A listing in the making: of each VM only what drover keeps. */
export class CollectListing {
  readonly #wanted: readonly (readonly [string, string])[];
  readonly #params: Ec2Params;
  readonly #prices: SpotPrices;
  readonly #instances = new Map<string, Instance>();
  readonly #failures: LaunchFailure[] = [];
  readonly spotVms: SpotVm[] = [];
  /** VMs that are not terminated. */
  readonly bySubnet = new Map<string, number>();

  constructor(tags: Tags, params: Ec2Params, prices: SpotPrices) {
    this.#wanted = Object.entries(tags);
    this.#params = params;
    this.#prices = prices;
  }

  /** Takes one page. A VM that comes twice, because the fleet changed between two pages, counts once. */
  add(vms: readonly SdkInstance[]): void {
    for (const vm of vms) {
      const instance = mapInstance(vm, this.#params, this.#prices.current(vm));
      if (this.#instances.has(instance.id)) continue;
      if (this.#wanted.every(([key, value]) => instance.tags[key] === value)) this.#take(vm, instance);
    }
  }

  get listing(): Listing {
    return { instances: [...this.#instances.values()], launchFailures: this.#failures };
  }

  #take(vm: SdkInstance, instance: Instance): void {
    this.#instances.set(instance.id, instance);
    const failure = mapLaunchFailure(vm);
    if (failure !== undefined) this.#failures.push(failure);
    if (vm.InstanceLifecycle === 'spot' && vm.InstanceType !== undefined)
      this.spotVms.push({ id: instance.id, type: vm.InstanceType });
    const subnet = vm.SubnetId ?? '';
    if (instance.lifecycle !== 'terminated') this.bySubnet.set(subnet, (this.bySubnet.get(subnet) ?? 0) + 1);
  }
}
