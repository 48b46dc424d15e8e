import { type DroverError, TransientCloudError } from '@drover/spec';
import type { Launches } from './follow.ts';
import { mapError } from './map-error.ts';
import { vmId } from './map-instance.ts';
import { namePrefix } from './names.ts';
import { tagOf } from './own-tags.ts';
import type { SdkVm } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

type Statuses = NonNullable<NonNullable<SdkVm['instanceView']>['statuses']>;

/**
 * VMs that Azure lists as `Failed`. That can be a create that came to nothing, which a dispatcher that has died since was not told;
 * or a healthy VM of which only a change failed. The power state tells them apart: what has none never ran, and is removed.
 */
export class FailedVms {
  readonly #around: AzureSurroundings;
  readonly #launches: Launches;

  constructor(around: AzureSurroundings, launches: Launches) {
    this.#around = around;
    this.#launches = launches;
  }

  /** Whether it runs, or may. One that never did is removed, and told as a failed launch. */
  async runs(vm: SdkVm, signal: AbortSignal): Promise<boolean> {
    const { params, context, tags } = this.#around;
    const id = vmId(vm);
    const ours = tagOf(vm.tags, tags.instanceSetId) === context.instanceSetId;
    if (!ours || !id.startsWith(namePrefix(context.instanceSetId)) || this.#launches.has(id)) return true;
    const statuses = await this.#statusesOf(id, signal);
    // What cannot be looked at now is taken for running, and looked at with the next listing.
    if (statuses.length === 0 || statuses.some(({ code }) => code?.startsWith('PowerState/') === true)) return true;
    const zone = vm.zones?.[0];
    this.#launches.failed(
      {
        vm: id,
        createId: tagOf(vm.tags, tags.createId) ?? '',
        offeringId: tagOf(vm.tags, tags.offering) ?? '',
        zone: zone === undefined ? params.location : `${params.location}-${zone}`,
        inZone: zone !== undefined,
      },
      this.#errorOf(id, statuses, zone !== undefined),
    );
    return false;
  }

  async #statusesOf(id: string, signal: AbortSignal): Promise<Statuses> {
    const { clients, params } = this.#around;
    const options = { abortSignal: signal, expand: 'instanceView' } as const;
    try {
      const { instanceView } = await clients.compute.virtualMachines.get(params.resourceGroup, id, options);
      return instanceView?.statuses ?? [];
    } catch {
      signal.throwIfAborted();
      return [];
    }
  }

  #errorOf(id: string, statuses: Statuses, inZone: boolean): DroverError {
    const failed = statuses.find(({ code }) => code?.startsWith('ProvisioningState/failed') === true);
    const code = failed?.code?.split('/')[2];
    if (code === undefined) return new TransientCloudError(`azure: cannot create ${id}: Azure gives no reason`);
    const error = Object.assign(new Error(failed?.message ?? 'Azure gives no reason'), { code });
    return mapError(error, { doing: `create ${id}`, nowMs: this.#around.context.clock.wallMs(), inZone });
  }
}
