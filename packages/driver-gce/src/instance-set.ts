import {
  type CallOptions,
  type CheckResult,
  type Clock,
  type CreateRequest,
  type CreateResult,
  type DriverMetric,
  type HostKeys,
  type Instance,
  type InstanceId,
  type InstanceSet,
  type InstanceType,
  type Listing,
  NotFoundError,
  type Offering,
  type PreflightRequest,
  type Tags,
} from '@drover/spec';
import { call } from './call.ts';
import { createInstances } from './create.ts';
import { GceCalls } from './gce-calls.ts';
import { gceCallRates, type GceTimings } from './gce-options.ts';
import { LaunchFailures } from './launch-failures.ts';
import { listZone } from './list.ts';
import { isMissingInstance, isNotFound, mapError } from './map-error.ts';
import { splitId } from './map-instance.ts';
import { ZoneMetrics } from './metrics.ts';
import { offeringsOf } from './offerings.ts';
import type { GceParams } from './params.ts';
import { quotaGroupOf } from './quota-group.ts';
import type { GceSdk } from './sdk-subset.ts';
import { setTagsOf } from './set-tags.ts';

/** What the set needs. */
export interface GceInstanceSetContext {
  readonly params: GceParams;
  readonly instanceSetId: string;
  readonly clock: Clock;
  readonly timings: GceTimings;
  /** Loads the SDK and finds the credentials; asked again after it has failed. */
  readonly openSdk: () => Promise<GceSdk>;
  readonly preflight: (request: PreflightRequest, options: CallOptions) => Promise<readonly CheckResult[]>;
}

/** The VMs of one dispatcher in one project of Google Compute Engine. */
export class GceInstanceSet implements InstanceSet {
  readonly #context: GceInstanceSetContext;
  readonly #failures: LaunchFailures;
  readonly #metrics: ZoneMetrics;
  readonly #closing = new AbortController();
  readonly #removing = new Set<InstanceId>();
  #calls: Promise<GceCalls> | undefined;
  #sdk: GceSdk | undefined;

  constructor(context: GceInstanceSetContext) {
    this.#context = context;
    this.#failures = new LaunchFailures(context.clock, context.timings.rememberFailuresMs);
    this.#metrics = new ZoneMetrics(context.params.zones);
  }

  offerings(type: InstanceType): readonly Offering[] {
    return offeringsOf(type, this.#context.params.zones);
  }

  create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]> {
    return this.#call(`create ${request.count} VMs in ${request.offering.zone}`, options, (calls) =>
      createInstances(request, options, {
        calls,
        failures: this.#failures,
        onStart: (zone, success) => this.#metrics.started(zone, success),
        closing: this.#closing.signal,
      }),
    );
  }

  list(tags: Tags, options: CallOptions): Promise<Listing> {
    return this.#call('list the VMs', options, async (calls) => {
      const wanted = Object.entries(tags);
      const { zones } = this.#context.params;
      const perZone = await Promise.all(zones.map((zone) => listZone(zone, options, calls)));
      for (const [index, zone] of zones.entries()) this.#metrics.listed(zone, perZone[index]?.length ?? 0);
      const instances = perZone.flat().map((instance) => calls.toInstance(instance));
      for (const instance of instances) if (instance.lifecycle === 'terminated') this.#removeStopped(instance, calls);
      return {
        instances: instances.filter((instance) => wanted.every(([key, value]) => instance.tags[key] === value)),
        launchFailures: this.#failures.recent(),
      };
    });
  }

  describe(id: InstanceId, options: CallOptions): Promise<Instance | 'gone'> {
    return this.#call(`describe ${id}`, options, async (calls) => {
      const place = splitId(id);
      if (place === undefined) return 'gone';
      try {
        return calls.toInstance(await calls.get(place.zone, place.name, options));
      } catch (error) {
        if (isMissingInstance(error)) return 'gone';
        throw error;
      }
    });
  }

  destroy({ id }: Instance, options: CallOptions): Promise<void> {
    return this.#call(`destroy ${id}`, options, async (calls) => {
      const place = splitId(id);
      if (place === undefined) return;
      try {
        await calls.delete(place.zone, place.name, options);
      } catch (error) {
        if (!isMissingInstance(error)) throw error;
      }
    });
  }

  setTags({ id }: Instance, tags: Tags, options: CallOptions): Promise<void> {
    return this.#call(`set tags of ${id}`, options, (calls) => {
      const { zone, name } = existing(id);
      return setTagsOf(zone, name, tags, options, calls);
    });
  }

  hostKeys(id: InstanceId, options: CallOptions): Promise<HostKeys> {
    return this.#call(`read the host keys of ${id}`, options, async (calls) => {
      const { zone, name } = existing(id);
      try {
        return await calls.hostKeys(zone, name, options);
      } catch (error) {
        // Until something is published there, the attributes are not found either.
        if (!isNotFound(error)) throw error;
        await calls.get(zone, name, options);
        return [];
      }
    });
  }

  quotaGroup(type: InstanceType): string {
    return quotaGroupOf(type);
  }

  callRates(): typeof gceCallRates {
    return gceCallRates;
  }

  preflight(request: PreflightRequest, options: CallOptions): Promise<readonly CheckResult[]> {
    return call(
      'check the set-up',
      options,
      (error) => this.#mapError(error, 'check the set-up'),
      () => this.#context.preflight(request, options),
    );
  }

  metrics(): readonly DriverMetric[] {
    return this.#metrics.series();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sdk?.close();
  }

  /** Stopped VMs run nothing and cost their disks: spot VMs that were taken away, VMs that ended themselves. */
  #removeStopped({ id }: Instance, calls: GceCalls): void {
    const place = splitId(id);
    if (place === undefined || this.#removing.has(id)) return;
    this.#removing.add(id);
    const forget = (): void => {
      this.#removing.delete(id);
    };
    // What cannot be removed now is listed, and removed, again.
    calls.delete(place.zone, place.name, { signal: this.#closing.signal }).then(forget, forget);
  }

  #call<T>(doing: string, options: CallOptions, work: (calls: GceCalls) => Promise<T>): Promise<T> {
    return call(
      doing,
      options,
      (error) => this.#mapError(error, doing),
      async () => work(await this.#open()),
    );
  }

  #open(): Promise<GceCalls> {
    this.#calls ??= this.#context.openSdk().then(
      (sdk) => {
        this.#sdk = sdk;
        return new GceCalls({ ...this.#context, sdk });
      },
      (error: unknown) => {
        this.#calls = undefined;
        throw error;
      },
    );
    return this.#calls;
  }

  #mapError(error: unknown, doing: string): Error {
    return mapError(error, { doing, wallMs: this.#context.clock.wallMs() });
  }
}

function existing(id: InstanceId): { readonly zone: string; readonly name: string } {
  const place = splitId(id);
  if (place === undefined) throw new NotFoundError(`gce: there is no VM ${id}`);
  return place;
}
