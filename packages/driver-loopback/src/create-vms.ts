import { createHash } from 'node:crypto';
import {
  type Clock,
  type CreateRequest,
  type CreateResult,
  InvalidRequestError,
  QuotaError,
  type Random,
  TransientCloudError,
} from '@drover/spec';
import { loopbackTimes } from './loopback-options.ts';
import type { LoopbackVm } from './loopback-vm.ts';
import { mapError } from './map-error.ts';
import { mapInstance } from './map-instance.ts';
import type { LoopbackParams } from './params.ts';
import type { VmFleet } from './vm-fleet.ts';
import type { VmRecord } from './vm-record.ts';

const hourMs = 3_600_000;
/** setTimeout of Node takes no more; longer than any demonstration. */
const longestTimerMs = 2 ** 31 - 1;

/** What creating needs. */
export interface CreateSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly isolated: boolean;
  readonly vmCommand: readonly string[];
}

/** Creates VMs, each once per `createId` and place in the batch. */
export class CreateVms {
  readonly #fleet: VmFleet;
  readonly #params: LoopbackParams;
  readonly #around: CreateSurroundings;

  constructor(fleet: VmFleet, params: LoopbackParams, around: CreateSurroundings) {
    this.#fleet = fleet;
    this.#params = params;
    this.#around = around;
  }

  /** As `InstanceSet.create`. */
  async create(request: CreateRequest): Promise<readonly CreateResult[]> {
    checkRequest(request);
    if (this.#fleet.alive() + request.count > this.#params.maxInstances) await this.#fleet.refresh();
    const results = await Promise.all(
      Array.from({ length: request.count }, (_, index) => this.#createOne(request, index)),
    );
    const [first] = results;
    if (first?.ok === false && results.every((result) => !result.ok)) throw first.error;
    return results;
  }

  async #createOne(request: CreateRequest, index: number): Promise<CreateResult> {
    const id = vmId(request.createId, index);
    try {
      const vm = this.#existing(id, request) ?? this.#make(id, request, index);
      await this.#launch(vm);
      return { ok: true, instance: mapInstance(vm) };
    } catch (error) {
      return { ok: false, error: mapError(error, `create ${id}`) };
    }
  }

  #existing(id: string, request: CreateRequest): LoopbackVm | undefined {
    const vm = this.#fleet.get(id);
    if (vm === undefined) return undefined;
    const { offeringId, instanceType, imageId } = vm.record;
    if (offeringId === request.offering.id && instanceType === request.instanceType.name && imageId === request.imageId)
      return vm;
    throw new InvalidRequestError(`loopback: ${request.createId} was created before, with other parameters`);
  }

  /** From the count to the folder nothing is awaited, so that creates at the same time cannot exceed the quota together. */
  #make(id: string, request: CreateRequest, index: number): LoopbackVm {
    const { maxInstances, createFailureRate } = this.#params;
    if (this.#fleet.alive() >= maxInstances)
      throw new QuotaError(`loopback: ${maxInstances} VMs exist already`, { fix: 'raise maxInstances of the driver' });
    if (this.#around.random.next() < createFailureRate)
      throw new TransientCloudError(`loopback: ${id} was to fail (createFailureRate)`);
    return this.#fleet.make(this.#record(id, request, index), request.tags[index] ?? {});
  }

  #record(id: string, request: CreateRequest, index: number): VmRecord {
    const { clock, random, isolated } = this.#around;
    const { bootDelayMs, bootFailureRate, lossesPerHour, preemptionsPerHour, preemptionNoticeMs } = this.#params;
    const drawDelayMs = (perHour: number): number => {
      if (perHour === 0) return 0;
      return Math.min(longestTimerMs, Math.ceil((-Math.log(1 - random.next()) * hourMs) / perHour));
    };
    return {
      version: 1,
      id,
      createId: request.createId,
      instanceType: request.instanceType.name,
      providerType: request.instanceType.providerType,
      offeringId: request.offering.id,
      zone: request.offering.zone,
      pricePerHour: request.offering.pricePerHour,
      imageId: request.imageId,
      authorizedKey: request.authorizedKey,
      initCommand: request.initCommands[index] ?? '',
      marker: `${this.#fleet.markerPrefix}${id}.${random.hex(8)}`,
      isolated,
      createdAtMs: clock.wallMs(),
      bootDelayMs,
      bootFails: random.next() < bootFailureRate,
      lostAfterMs: drawDelayMs(lossesPerHour),
      preemptedAfterMs: request.instanceType.preemptible ? drawDelayMs(preemptionsPerHour) : 0,
      preemptionNoticeMs,
    };
  }

  /** A VM of which only the folder was made is launched now: the dispatcher that began it died in between. */
  async #launch(vm: LoopbackVm): Promise<void> {
    try {
      await vm.launch(this.#around.vmCommand);
    } catch (error) {
      await this.#fleet.remove(vm);
      throw error;
    }
    if (vm.record.bootDelayMs > 0) return;
    const enough = new AbortController();
    const waited = this.#around.clock
      .sleep(loopbackTimes.createWaitMs, { signal: enough.signal })
      .catch(() => undefined);
    await Promise.race([vm.settled(), waited]);
    enough.abort();
  }
}

/** Derived from the request, so that a repeated create finds what the first one made, whoever made it. */
function vmId(createId: string, index: number): string {
  return `vm-${createHash('sha256').update(`${createId}#${index}`).digest('hex').slice(0, 12)}`;
}

function checkRequest({ count, tags, initCommands, authorizedKey }: CreateRequest): void {
  if (!Number.isInteger(count) || count < 1) throw new InvalidRequestError(`loopback: cannot create ${count} VMs`);
  if (tags.length !== count || initCommands.length !== count)
    throw new InvalidRequestError(`loopback: ${count} VMs need as many sets of tags and init commands`);
  if (!/^[a-z0-9@.-]+ [A-Za-z0-9+/=]+/.test(authorizedKey))
    throw new InvalidRequestError('loopback: a VM needs an OpenSSH public key, because it brings none');
}
