import {
  type CallOptions,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DriverMetric,
  type Instance,
  type InstanceId,
  type InstanceSet,
  type InstanceType,
  type Listing,
  NotFoundError,
  type Offering,
  type PreflightRequest,
  type Tags,
  TransientCloudError,
} from '@drover/spec';
import { call } from './call.ts';
import { checkTags } from './check-request.ts';
import { CreateVms } from './create.ts';
import { DanglingSearch } from './dangling.ts';
import { FailedVms } from './failed-vms.ts';
import { Launches } from './follow.ts';
import { instanceOf, listVms, type Looking } from './listing.ts';
import { addressOf, interfaceIds } from './map-instance.ts';
import { mapError } from './map-error.ts';
import { offeringsOf } from './offerings.ts';
import { parseError } from './parse-error.ts';
import { preflight } from './preflight.ts';
import { quotaGroupOf } from './quota-group.ts';
import { Removals } from './removals.ts';
import type { SdkVm } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** Tries to change the tags of a VM that others change at the same time. */
const tagTries = 4;

/** The VMs of one dispatcher in one resource group of Azure. */
export class AzureInstanceSet implements InstanceSet {
  readonly #around: AzureSurroundings;
  readonly #look: Looking;
  readonly #creator: CreateVms;
  readonly #searching: Promise<void>;
  readonly #end: () => void;

  /** `end` aborts the signal `closed` of the surroundings. */
  constructor(around: AzureSurroundings, end: () => void) {
    const removals = new Removals(around);
    const launches = new Launches(around, removals);
    this.#around = around;
    this.#end = end;
    this.#look = { around, launches, removals, failedVms: new FailedVms(around, launches) };
    this.#creator = new CreateVms(this.#look);
    this.#searching = new DanglingSearch(around, launches, removals).run();
  }

  offerings(type: InstanceType): readonly Offering[] {
    return offeringsOf(type, this.#around.params);
  }

  quotaGroup(type: InstanceType): string {
    return quotaGroupOf(type);
  }

  create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]> {
    return this.#call(`create ${request.createId}`, options, () => this.#creator.create(request, options.signal));
  }

  list(tags: Tags, options: CallOptions): Promise<Listing> {
    return this.#call('list the VMs', options, () => listVms(this.#look, tags, options.signal));
  }

  describe(id: InstanceId, options: CallOptions): Promise<Instance | 'gone'> {
    return this.#call(`describe ${id}`, options, async () => {
      const vm = await this.#find(id, options.signal);
      if (vm === undefined) {
        if (!this.#look.launches.isFresh(id)) return 'gone';
        throw new TransientCloudError(`azure: ${id} was accepted a moment ago and does not show yet`);
      }
      return instanceOf(this.#look, vm, await this.#addresses(vm, options.signal), options.signal);
    });
  }

  destroy({ id }: Instance, options: CallOptions): Promise<void> {
    return this.#call(`destroy ${id}`, options, async () => {
      const { clients, params } = this.#around;
      try {
        const poller = clients.compute.virtualMachines.delete(params.resourceGroup, id, {
          abortSignal: options.signal,
          forceDeletion: true,
        });
        await poller.submitted();
      } catch (error) {
        if (!this.#isNotFound(error)) throw error;
      }
      this.#look.launches.forget(id);
    });
  }

  setTags({ id }: Instance, tags: Tags, options: CallOptions): Promise<void> {
    return this.#call(`set tags of ${id}`, options, async () => {
      const { clients, params } = this.#around;
      for (let triesLeft = tagTries; ; triesLeft -= 1) {
        const vm = await this.#find(id, options.signal);
        if (vm === undefined) throw new NotFoundError(`azure: there is no VM ${id}`);
        const merged = { ...vm.tags, ...tags };
        checkTags(merged);
        const ifMatch = vm.etag === undefined ? {} : { ifMatch: vm.etag };
        try {
          await clients.compute.virtualMachines
            .update(params.resourceGroup, id, { tags: merged }, { abortSignal: options.signal, ...ifMatch })
            .submitted();
          return;
        } catch (error) {
          // Somebody was faster: with what is there now, once more.
          if (parseError(error, 0).status !== 412 || triesLeft <= 1) throw error;
        }
      }
    });
  }

  preflight(request: PreflightRequest, options: CallOptions): Promise<readonly CheckResult[]> {
    return this.#call('look at Azure', options, () => preflight(this.#around, request, options.signal));
  }

  metrics(): readonly DriverMetric[] {
    return this.#around.counters.metrics();
  }

  /** Ends what goes on in the background; VMs stay. */
  async close(): Promise<void> {
    this.#end();
    await Promise.all([this.#searching, this.#look.launches.settled(), this.#look.removals.settled()]);
  }

  #call<T>(doing: string, options: CallOptions, work: () => Promise<T>): Promise<T> {
    return call({ doing, clock: this.#around.context.clock }, options, work);
  }

  /** undefined: Azure says that it does not exist. */
  async #find(id: InstanceId, signal: AbortSignal): Promise<SdkVm | undefined> {
    const { clients, params } = this.#around;
    try {
      return await clients.compute.virtualMachines.get(params.resourceGroup, id, { abortSignal: signal });
    } catch (error) {
      if (this.#isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #addresses(vm: SdkVm, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { clients } = this.#around;
    const addresses = new Map<string, string>();
    for (const id of interfaceIds(vm)) {
      const [, group = '', name = ''] = /\/resourcegroups\/([^/]+)\/.*\/networkinterfaces\/([^/]+)$/.exec(id) ?? [];
      try {
        addresses.set(id, addressOf(await clients.network.networkInterfaces.get(group, name, { abortSignal: signal })));
      } catch (error) {
        // It is made after the VM and goes before it.
        if (!this.#isNotFound(error)) throw error;
      }
    }
    return addresses;
  }

  #isNotFound(error: unknown): boolean {
    return mapError(error, { doing: '', nowMs: this.#around.context.clock.wallMs() }) instanceof NotFoundError;
  }
}
