import {
  type CreateRequest,
  type CreateResult,
  type DroverError,
  type Instance,
  InvalidRequestError,
  NotFoundError,
  type Tags,
  TransientCloudError,
} from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import { mapBounded } from './bounded.ts';
import { checkRequest, checkTags } from './check-request.ts';
import type { FailedVms } from './failed-vms.ts';
import type { Launch, Launches } from './follow.ts';
import type { Looking } from './listing.ts';
import { mapError } from './map-error.ts';
import { mapInstance } from './map-instance.ts';
import { namesOf, vmName } from './names.ts';
import { zoneOf } from './offerings.ts';
import { tagOf } from './own-tags.ts';
import { parseError } from './parse-error.ts';
import type { Removals } from './removals.ts';
import type { SdkVm } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';
import { vmBody, type VmOrder } from './vm-body.ts';

/** Creates VMs, each once per `createId` and place in the batch: Azure takes one per request. */
export class CreateVms {
  readonly #around: AzureSurroundings;
  readonly #launches: Launches;
  readonly #removals: Removals;
  readonly #failedVms: FailedVms;

  constructor({ around, launches, removals, failedVms }: Looking) {
    this.#around = around;
    this.#launches = launches;
    this.#removals = removals;
    this.#failedVms = failedVms;
  }

  /** As `InstanceSet.create`. Resolves once Azure has accepted; the rest is followed in the background. */
  async create(request: CreateRequest, signal: AbortSignal): Promise<readonly CreateResult[]> {
    checkRequest(request);
    const orders = Array.from({ length: request.count }, (_, index) => this.#order(request, index));
    for (const { tags } of orders) checkTags(tags);
    // What Azure refuses once it would refuse for the others of the batch too: they are not even sent.
    let refusal: DroverError | undefined;
    const results = await mapBounded(
      orders.length,
      azureTimes.parallelCreates,
      async (index): Promise<CreateResult> => {
        const order = orders[index];
        if (order === undefined) throw new RangeError(`no VM ${index} in a batch of ${orders.length}`);
        if (refusal !== undefined) return { ok: false, error: refusal };
        try {
          return { ok: true, instance: await this.#createOne(order, signal) };
        } catch (error) {
          const mapped = this.#mapError(error, order);
          if (!(mapped instanceof TransientCloudError)) refusal = mapped;
          return { ok: false, error: mapped };
        }
      },
    );
    const [first] = results;
    if (first?.ok === false && results.every((result) => !result.ok)) throw first.error;
    return results;
  }

  async #createOne(order: VmOrder, signal: AbortSignal): Promise<Instance> {
    const { clients, params } = this.#around;
    const { vm } = order.names;
    const body = vmBody(order, params);
    await this.#removals.ended(vm);
    signal.throwIfAborted();
    try {
      const poller = clients.compute.virtualMachines.createOrUpdate(params.resourceGroup, vm, body, {
        // A request that is sent again must not change the VM that the first one made.
        ifNoneMatch: '*',
        abortSignal: signal,
      });
      await poller.submitted();
      this.#launches.follow(this.#launchOf(order), poller);
      return this.#instanceOf(order);
    } catch (error) {
      signal.throwIfAborted();
      return this.#afterError(error, order, signal);
    }
  }

  /**
   * The VM may be there all the same: from an earlier try, or because only the answer was lost. So whatever Azure says, nothing is
   * removed before it has said that there is no such VM.
   */
  async #afterError(error: unknown, order: VmOrder, signal: AbortSignal): Promise<Instance> {
    const mapped = this.#mapError(error, order);
    // Who may not create, or is to wait, has created nothing.
    if (mapped.code === 'CLOUD_AUTH' || (mapped.code === 'CLOUD_RATE_LIMIT' && !isServerFault(error))) throw mapped;
    const found = await this.#find(order, signal);
    if (found === 'unknown') throw mapped;
    if (found !== 'none') return this.#adopt(found, order, mapped, signal);
    if (isThere(error)) throw new TransientCloudError(mapped.message, { cause: error });
    // Refused for good; a network interface or a disk may be there.
    if (!(mapped instanceof TransientCloudError) && !isServerFault(error)) void this.#removals.start(order.names.vm);
    throw mapped;
  }

  async #find({ names }: VmOrder, signal: AbortSignal): Promise<SdkVm | 'none' | 'unknown'> {
    const { clients, params, context } = this.#around;
    try {
      return await clients.compute.virtualMachines.get(params.resourceGroup, names.vm, { abortSignal: signal });
    } catch (error) {
      signal.throwIfAborted();
      const mapped = mapError(error, { doing: `look for ${names.vm}`, nowMs: context.clock.wallMs() });
      return mapped instanceof NotFoundError ? 'none' : 'unknown';
    }
  }

  async #adopt(vm: SdkVm, order: VmOrder, refusal: DroverError, signal: AbortSignal): Promise<Instance> {
    const { params, tags } = this.#around;
    const { request, names } = order;
    if (
      vm.hardwareProfile?.vmSize?.toLowerCase() !== request.instanceType.providerType.toLowerCase() ||
      tagOf(vm.tags, tags.offering) !== request.offering.id
    )
      throw new InvalidRequestError(`azure: ${request.createId} was created before, with other parameters`);
    const state = (vm.provisioningState ?? '').toLowerCase();
    const isGoing = state === 'deleting' || (state === 'failed' && !(await this.#failedVms.runs(vm, signal)));
    if (!isGoing) return mapInstance(vm, { location: params.location, address: '' });
    if (!(refusal instanceof TransientCloudError)) throw refusal;
    throw new TransientCloudError(`azure: an earlier try to create ${names.vm} failed, and is being removed`);
  }

  #order(request: CreateRequest, index: number): VmOrder {
    const { context, tags } = this.#around;
    const own: Tags = {
      [tags.instanceSetId]: context.instanceSetId,
      [tags.createId]: request.createId,
      [tags.offering]: request.offering.id,
    };
    const names = namesOf(vmName(context.instanceSetId, request.createId, index));
    return { request, index, names, tags: { ...request.tags[index], ...own } };
  }

  #launchOf({ request, names }: VmOrder): Launch {
    const { id: offeringId, zone } = request.offering;
    const inZone = zoneOf(request.offering, this.#around.params) !== undefined;
    return { vm: names.vm, createId: request.createId, offeringId, zone, inZone };
  }

  #instanceOf({ request, names, tags }: VmOrder): Instance {
    return {
      id: names.vm,
      providerType: request.instanceType.providerType,
      lifecycle: 'pending',
      tags,
      address: '',
      zone: request.offering.zone,
    };
  }

  #mapError(error: unknown, order: VmOrder): DroverError {
    const { context } = this.#around;
    const { vm, inZone } = this.#launchOf(order);
    return mapError(error, { doing: `create ${vm}`, nowMs: context.clock.wallMs(), inZone });
  }
}

/** Azure's words for a VM that is there already. */
function isThere(error: unknown): boolean {
  const { status, code } = parseError(error, 0);
  return status === 412 || code === 'PropertyChangeNotAllowed';
}

/** Whether the request took effect is not known then. */
function isServerFault(error: unknown): boolean {
  const { status } = parseError(error, 0);
  return status !== undefined && status >= 500;
}
