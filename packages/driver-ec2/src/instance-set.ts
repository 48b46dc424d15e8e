import {
  type CallOptions,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  DroverError,
  type DriverMetric,
  type HostKeys,
  type Instance,
  type InstanceId,
  type InstanceSet,
  type InstanceType,
  type Listing,
  type Offering,
  type PreflightRequest,
  type PricePoint,
  type Tags,
  TransientCloudError,
} from '@drover/spec';
import { call } from './call.ts';
import { CollectListing } from './collect-listing.ts';
import type { CreateInstances } from './create.ts';
import { ec2CallRates } from './ec2-options.ts';
import type { ConsoleHostKeys } from './host-keys.ts';
import { listPages } from './list-instances.ts';
import { mapError } from './map-error.ts';
import { mapInstance } from './map-instance.ts';
import type { Ec2Metrics } from './metrics.ts';
import { offeringsOf } from './offerings.ts';
import type { Ec2Params } from './params.ts';
import { preflight, type PreflightParts } from './preflight.ts';
import type { SpotPrices } from './prices.ts';
import { quotaGroupOf } from './quota-group.ts';
import { toSdkTags } from './run-input.ts';
import type { Ec2Api, SdkInstance } from './sdk-subset.ts';
import type { YoungInstances } from './young-instances.ts';

/** What an instance set is put together from. */
export interface InstanceSetParts {
  readonly api: Ec2Api;
  readonly params: Ec2Params;
  readonly creator: CreateInstances;
  readonly prices: SpotPrices;
  readonly consoleKeys: ConsoleHostKeys;
  readonly seriesOfSet: Ec2Metrics;
  readonly young: YoungInstances;
  readonly context: PreflightParts['context'];
}

/** The VMs of one dispatcher in one region. */
export class Ec2InstanceSet implements InstanceSet {
  readonly #parts: InstanceSetParts;
  readonly #closing = new AbortController();

  constructor(parts: InstanceSetParts) {
    this.#parts = parts;
  }

  offerings(type: InstanceType): readonly Offering[] {
    return offeringsOf(type, this.#parts.params);
  }

  create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]> {
    const doing = `create ${request.count} of ${request.instanceType.name}`;
    return call({ doing }, options, () => this.#parts.creator.create(request, options));
  }

  list(tags: Tags, options: CallOptions): Promise<Listing> {
    return call({ doing: 'list the VMs' }, options, async () => {
      const { api, params, prices, seriesOfSet, young } = this.#parts;
      const collected = new CollectListing(tags, params, prices);
      for await (const page of listPages(api, tags, options)) collected.add(page);
      const { listing } = collected;
      seriesOfSet.listed(collected.bySubnet);
      // Nobody waits for prices; what fails is asked for again when it is due.
      prices.refresh(collected.spotVms, { signal: this.#closing.signal }).catch(() => undefined);
      for (const instance of listing.instances) this.#note(instance, young);
      return listing;
    });
  }

  describe(id: InstanceId, options: CallOptions): Promise<Instance | 'gone'> {
    return call({ doing: `describe ${id}` }, options, async () => {
      const { params, prices, young } = this.#parts;
      const vm = await this.#find(id, options);
      if (vm === undefined) {
        if (young.isYoung(id)) throw notYetSeen(id);
        return 'gone';
      }
      const instance = mapInstance(vm, params, prices.current(vm));
      this.#note(instance, young);
      return instance;
    });
  }

  destroy({ id }: Instance, options: CallOptions): Promise<void> {
    return call({ doing: `destroy ${id}` }, options, async () => {
      try {
        await this.#parts.api.terminateInstances({ InstanceIds: [id] }, options);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        if (this.#parts.young.isYoung(id)) throw notYetSeen(id, error);
      }
    });
  }

  setTags({ id }: Instance, tags: Tags, options: CallOptions): Promise<void> {
    return call({ doing: `set tags of ${id}` }, options, async () => {
      await this.#parts.api.createTags({ Resources: [id], Tags: toSdkTags(tags) }, options);
    });
  }

  hostKeys(id: InstanceId, options: CallOptions): Promise<HostKeys> {
    return call({ doing: `read the host keys of ${id}` }, options, () => this.#parts.consoleKeys.of(id, options));
  }

  quotaGroup(type: InstanceType): string {
    return quotaGroupOf(type, this.#parts.params.instanceTypeQuotaGroups);
  }

  callRates(): typeof ec2CallRates {
    return ec2CallRates;
  }

  priceHistory(instance: Instance, type: InstanceType): readonly PricePoint[] {
    return this.#parts.prices.history(instance, type);
  }

  metrics(): readonly DriverMetric[] {
    return this.#parts.seriesOfSet.read();
  }

  preflight(request: PreflightRequest, options: CallOptions): Promise<readonly CheckResult[]> {
    return call({ doing: 'look at the account' }, options, () => preflight(this.#parts, request, options));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the instance set is closed'));
    this.#parts.api.close();
  }

  async #find(id: InstanceId, options: CallOptions): Promise<SdkInstance | undefined> {
    try {
      const { Reservations: reservations = [] } = await this.#parts.api.describeInstances(
        { InstanceIds: [id] },
        options,
      );
      return reservations.flatMap((reservation) => reservation.Instances ?? []).find((vm) => vm.InstanceId === id);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return undefined;
    }
  }

  #note(instance: Instance, young: YoungInstances): void {
    if (instance.lifecycle === 'terminated') young.ended(instance.id);
    else young.seen(instance.id);
  }
}

function isNotFound(error: unknown): boolean {
  const mapped = mapError(error, { doing: 'find it' });
  return DroverError.is(mapped) && mapped.code === 'CLOUD_NOT_FOUND';
}

/** EC2 does not know a VM for a while after it has made it. */
function notYetSeen(id: InstanceId, cause?: unknown): TransientCloudError {
  const message = `ec2: EC2 does not know ${id}, which is too new for that to mean that it is gone`;
  return new TransientCloudError(message, cause === undefined ? {} : { cause });
}
