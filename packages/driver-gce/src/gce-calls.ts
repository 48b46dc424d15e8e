import type { CallOptions, Clock, DroverError, HostKeys, Instance } from '@drover/spec';
import type { GceTimings } from './gce-options.ts';
import type { InstancePlan } from './instance-resource.ts';
import { parseHostKeys } from './host-keys.ts';
import { mapError } from './map-error.ts';
import { type GceInstance, mapInstance, parseInstance } from './map-instance.ts';
import { type GceOperation, parseOperation, waitForOperation } from './operations.ts';
import type { GceParams } from './params.ts';
import { type GceSdk, type MetadataItem, sdkCall } from './sdk-subset.ts';

/** What the calls need. */
export interface GceCallsContext {
  readonly sdk: GceSdk;
  readonly params: GceParams;
  readonly instanceSetId: string;
  readonly clock: Clock;
  readonly timings: GceTimings;
}

/** The calls of the API, one method each: parameters of the configuration go in, answers come out parsed. */
export class GceCalls {
  readonly #context: GceCallsContext;

  constructor(context: GceCallsContext) {
    this.#context = context;
  }

  get params(): GceParams {
    return this.#context.params;
  }

  get instanceSetId(): string {
    return this.#context.instanceSetId;
  }

  get timings(): GceTimings {
    return this.#context.timings;
  }

  async insert({ zone, resource }: InstancePlan, requestId: string, options: CallOptions): Promise<GceOperation> {
    const request = { ...this.#in(zone), requestId, instanceResource: resource };
    return operationIn(await this.#sdk.instances.insert(request, sdkCall(options)));
  }

  async get(zone: string, instance: string, options: CallOptions): Promise<GceInstance> {
    const [answer] = await this.#sdk.instances.get({ ...this.#in(zone), instance }, sdkCall(options));
    return parseInstance(answer);
  }

  /** One page, as it came: items, the request for the next page, the raw answer. */
  list(
    zone: string,
    page: { readonly filter: string; readonly pageToken: string | undefined },
    options: CallOptions,
  ): Promise<readonly unknown[]> {
    const { filter, pageToken } = page;
    const request = { ...this.#in(zone), filter, maxResults: this.timings.pageSize };
    const withToken = pageToken === undefined ? request : { ...request, pageToken };
    return this.#sdk.instances.list(withToken, sdkCall(options));
  }

  async delete(zone: string, instance: string, options: CallOptions): Promise<GceOperation> {
    return operationIn(await this.#sdk.instances.delete({ ...this.#in(zone), instance }, sdkCall(options)));
  }

  async setLabels(
    zone: string,
    instance: string,
    change: { readonly labelFingerprint: string; readonly labels: Readonly<Record<string, string>> },
    options: CallOptions,
  ): Promise<GceOperation> {
    const request = { ...this.#in(zone), instance, instancesSetLabelsRequestResource: change };
    return operationIn(await this.#sdk.instances.setLabels(request, sdkCall(options)));
  }

  async setMetadata(
    zone: string,
    instance: string,
    change: { readonly fingerprint: string; readonly items: MetadataItem[] },
    options: CallOptions,
  ): Promise<GceOperation> {
    const request = { ...this.#in(zone), instance, metadataResource: change };
    return operationIn(await this.#sdk.instances.setMetadata(request, sdkCall(options)));
  }

  async hostKeys(zone: string, instance: string, options: CallOptions): Promise<HostKeys> {
    const request = { ...this.#in(zone), instance, queryPath: 'hostkeys/' };
    const [answer] = await this.#sdk.instances.getGuestAttributes(request, sdkCall(options));
    return parseHostKeys(answer);
  }

  /** As `waitForOperation`. */
  wait(
    operation: GceOperation,
    zone: string,
    options: CallOptions & { readonly withinMs: number },
  ): Promise<GceOperation> {
    return waitForOperation(operation, zone, options, this.#context);
  }

  toInstance(instance: GceInstance): Instance {
    return mapInstance(instance, this.params);
  }

  /** As `mapError`; `doing` as in "create drover-1". */
  mapError(error: unknown, doing: string): DroverError {
    return mapError(error, { doing, wallMs: this.#context.clock.wallMs() });
  }

  get #sdk(): GceSdk {
    return this.#context.sdk;
  }

  #in(zone: string): { readonly project: string; readonly zone: string } {
    return { project: this.params.project, zone };
  }
}

/** The SDK wraps an operation; what the API said is its `latestResponse`. */
function operationIn([answer]: readonly unknown[]): GceOperation {
  const isWrapped = typeof answer === 'object' && answer !== null && 'latestResponse' in answer;
  return parseOperation(isWrapped ? answer.latestResponse : answer);
}
