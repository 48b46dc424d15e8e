import { type CallOptions, CapacityError, type CreateRequest, type CreateResult, type DroverError } from '@drover/spec';
import { awsCode } from './error-facts.ts';
import type { KeyPairs } from './key-pair.ts';
import { type Launch, planLaunches } from './launches.ts';
import { type ErrorContext, mapError } from './map-error.ts';
import { mapInstance } from './map-instance.ts';
import type { Ec2Metrics } from './metrics.ts';
import { subnetOf } from './offerings.ts';
import type { Ec2Params } from './params.ts';
import { runInput } from './run-input.ts';
import type { Ec2Api, SdkInstance } from './sdk-subset.ts';
import type { YoungInstances } from './young-instances.ts';

/** What creating needs. */
export interface CreateParts {
  readonly api: Ec2Api;
  readonly params: Ec2Params;
  readonly keyPairs: KeyPairs;
  readonly metrics: Ec2Metrics;
  readonly young: YoungInstances;
}

/** Creates VMs, those of a request in as few calls as EC2 allows. */
export class CreateInstances {
  readonly #parts: CreateParts;

  constructor(parts: CreateParts) {
    this.#parts = parts;
  }

  /** As `InstanceSet.create`. */
  async create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]> {
    const launches = planLaunches(request, this.#parts.params);
    const results = (await Promise.all(launches.map((launch) => this.#launch(request, launch, options)))).flat();
    const [first] = results;
    if (first?.ok === false && results.every((result) => !result.ok)) throw first.error;
    return results;
  }

  async #launch(request: CreateRequest, launch: Launch, options: CallOptions): Promise<readonly CreateResult[]> {
    const { metrics, params } = this.#parts;
    const subnet = subnetOf(request.offering, params);
    const size = launch.tags.length;
    let results: readonly CreateResult[];
    try {
      results = this.#resultsOf(launch, await this.#runOnce(request, launch, options));
    } catch (thrown) {
      const error = mapError(thrown, this.#context(request, size));
      results = Array.from({ length: size }, () => ({ ok: false, error }));
    }
    const succeeded = results.filter((result) => result.ok).length;
    metrics.started(subnet, succeeded, size - succeeded);
    return results;
  }

  /** Makes sure of an outcome that was lost on the way: once more with the same token, then a look at what carries it. */
  async #runOnce(request: CreateRequest, launch: Launch, options: CallOptions): Promise<readonly SdkInstance[]> {
    try {
      return await this.#run(request, launch, options);
    } catch (first) {
      if (!this.#isInDoubt(first, request, launch) || options.signal.aborted) throw first;
      try {
        return await this.#run(request, launch, options);
      } catch (second) {
        if (!this.#isInDoubt(second, request, launch) || options.signal.aborted) throw first;
        const vms = await this.#findByToken(launch, options).catch(() => []);
        if (vms.length === 0) throw second;
        return vms;
      }
    }
  }

  async #run(request: CreateRequest, launch: Launch, options: CallOptions): Promise<readonly SdkInstance[]> {
    try {
      return await this.#runWithKey(request, launch, options);
    } catch (error) {
      if (awsCode(error) !== 'InvalidKeyPair.NotFound') throw error;
      // Somebody has deleted the key pair since it was found.
      this.#parts.keyPairs.forget(request.authorizedKey);
      return this.#runWithKey(request, launch, options);
    }
  }

  async #runWithKey(request: CreateRequest, launch: Launch, options: CallOptions): Promise<readonly SdkInstance[]> {
    const { api, params, keyPairs } = this.#parts;
    const { authorizedKey } = request;
    const keyName = authorizedKey === '' ? undefined : await keyPairs.nameOf(authorizedKey, options);
    const { Instances: vms = [] } = await api.runInstances(runInput(request, launch, params, keyName), options);
    return vms;
  }

  async #findByToken({ clientToken }: Launch, options: CallOptions): Promise<readonly SdkInstance[]> {
    const Filters = [{ Name: 'client-token', Values: [clientToken] }];
    const { Reservations: reservations = [] } = await this.#parts.api.describeInstances({ Filters }, options);
    return reservations.flatMap((reservation) => reservation.Instances ?? []);
  }

  #resultsOf(launch: Launch, vms: readonly SdkInstance[]): readonly CreateResult[] {
    const { params, young } = this.#parts;
    const byIndex = new Map(vms.map((vm) => [vm.AmiLaunchIndex ?? 0, vm]));
    return launch.tags.map((tags, index): CreateResult => {
      const vm = byIndex.get(index);
      if (vm === undefined) return { ok: false, error: notEnough(launch.tags.length, vms.length) };
      const instance = mapInstance(vm, params);
      young.seen(instance.id);
      return { ok: true, instance: { ...instance, tags: { ...instance.tags, ...tags } } };
    });
  }

  #isInDoubt(error: unknown, request: CreateRequest, launch: Launch): boolean {
    return mapError(error, this.#context(request, launch.tags.length)).code === 'CLOUD_TRANSIENT';
  }

  #context(request: CreateRequest, count: number): ErrorContext {
    const { name } = request.instanceType;
    return {
      doing: `create ${count} of ${name} in ${request.offering.zone}`,
      hasOtherSubnets: this.#parts.params.subnetId.length > 1,
    };
  }
}

/** EC2 makes as many as it can and does not say what keeps it from making more. */
function notEnough(wanted: number, made: number): DroverError {
  return new CapacityError(`ec2: EC2 made ${made} of ${wanted} VMs; it has no room for more there now`, {
    scope: 'offering',
  });
}
