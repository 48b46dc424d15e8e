import {
  AuthError,
  type CallOptions,
  type Clock,
  type CreateRequest,
  type CreateResult,
  type HostKeys,
  type Instance,
  type InstanceId,
  type InstanceSet,
  type InstanceType,
  type Listing,
  NotFoundError,
  type Offering,
  RateLimitError,
  type Tags,
  TransientCloudError,
} from '@drover/spec';
import { type CloudFaults, cloudFaults, type CloudVerb } from './cloud-faults.ts';
import { CreateBatches } from './create-batch.ts';
import {
  type CloudHooks,
  type CloudZone,
  type DelayRange,
  fakeCloudDefaults,
  type FakeCloudOptions,
} from './fake-cloud-options.ts';
import { FakeFleet } from './fake-fleet.ts';
import type { FakeVm } from './fake-vm.ts';
import { FaultDice } from './fault-dice.ts';
import { RateLimits } from './rate-limits.ts';

/** A call that touched a VM of somebody else. */
export interface ForeignTouch {
  readonly verb: CloudVerb;
  readonly id: InstanceId;
}

/**
 * A cloud that exists in memory and moves with a clock: an `InstanceSet` with everything that a real one does wrong,
 * drawn from a seed. It outlives the dispatchers that use it, so a restarted one finds its VMs again; `close` changes nothing.
 *
 * Without `latency` every call takes effect within the call itself and answers in a promise reaction.
 * An aborted call rejects at once with a TransientCloudError; what it asked for happens all the same.
 */
export class FakeCloud implements InstanceSet {
  /** Change it at any moment. */
  readonly faults: CloudFaults;
  /** Calls made so far, also those that failed. */
  readonly calls: Record<CloudVerb, number> = { create: 0, list: 0, describe: 0, destroy: 0, setTags: 0, hostKeys: 0 };
  /** Calls that touched VMs of `addForeign`; must stay empty. */
  readonly foreignTouches: ForeignTouch[] = [];
  readonly hostKeys?: (id: InstanceId, options: CallOptions) => Promise<HostKeys>;
  readonly #clock: Clock;
  readonly #dice: FaultDice;
  readonly #fleet: FakeFleet;
  readonly #batches: CreateBatches;
  readonly #limits: RateLimits;
  readonly #zones: readonly CloudZone[];
  readonly #latency: DelayRange;
  readonly #hostKeyDelayMs: number;
  readonly #hooks: CloudHooks;
  readonly #quotaGroup: (type: InstanceType) => string;

  constructor(options: FakeCloudOptions) {
    this.#clock = options.clock;
    this.faults = cloudFaults(options.faults);
    this.#dice = new FaultDice(options.random.fork('cloud'), options.gate);
    this.#fleet = new FakeFleet(options, this.faults, this.#dice);
    this.#limits = new RateLimits(options.clock, options.rateLimits ?? {});
    this.#hooks = options.hooks ?? {};
    this.#zones = options.zones ?? fakeCloudDefaults.zones;
    this.#latency = options.latency ?? fakeCloudDefaults.latency;
    this.#hostKeyDelayMs = options.hostKeyDelayMs ?? fakeCloudDefaults.hostKeyDelayMs;
    this.#quotaGroup = options.quotaGroup ?? fakeCloudDefaults.quotaGroup;
    this.#batches = new CreateBatches({
      fleet: this.#fleet,
      faults: this.faults,
      dice: this.#dice,
      quotaGroup: this.#quotaGroup,
    });
    if (options.publishesHostKeys ?? fakeCloudDefaults.publishesHostKeys)
      this.hostKeys = (id, call) => this.#call('hostKeys', call, () => this.#publishedKeys(id));
  }

  offerings(type: InstanceType): readonly Offering[] {
    return this.#zones.map((zone) => ({
      id: `${type.name}@${zone.name}`,
      instanceType: type.name,
      zone: zone.name,
      preemptible: type.preemptible,
      pricePerHour: type.pricePerHour * zone.priceFactor,
    }));
  }

  create(request: CreateRequest, options: CallOptions): Promise<readonly CreateResult[]> {
    return this.#call('create', options, () => this.#batches.create(request));
  }

  list(tags: Tags, options: CallOptions): Promise<Listing> {
    return this.#call('list', options, () => this.#fleet.listing(tags));
  }

  describe(id: InstanceId, options: CallOptions): Promise<Instance | 'gone'> {
    return this.#call('describe', options, () => this.#fleet.get(id)?.instance ?? 'gone');
  }

  destroy(instance: Instance, options: CallOptions): Promise<void> {
    return this.#call('destroy', options, () => {
      const vm = this.#touch('destroy', instance.id);
      if (vm === undefined || this.#dice.strikes('destroyIgnored', this.faults.destroyIgnoredRate)) return;
      this.#fleet.stop(vm);
    });
  }

  setTags(instance: Instance, tags: Tags, options: CallOptions): Promise<void> {
    return this.#call('setTags', options, () => {
      const vm = this.#touch('setTags', instance.id);
      if (vm === undefined || vm.lifecycle === 'terminated')
        throw new NotFoundError(`instance ${instance.id} does not exist`);
      this.#fleet.change(vm, { tags: { ...vm.instance.tags, ...tags } });
    });
  }

  quotaGroup(type: InstanceType): string {
    return this.#quotaGroup(type);
  }

  async close(): Promise<void> {
    // Nothing runs in the background of a handle; the cloud itself goes on.
  }

  /** What is true now, whatever listings say: every VM that the cloud knows of, foreign ones included. */
  get vms(): readonly Instance[] {
    return Array.from(this.#fleet.all(), (vm) => vm.instance);
  }

  /** One of them; undefined when the cloud knows it no more. */
  vm(id: InstanceId): Instance | undefined {
    return this.#fleet.get(id)?.instance;
  }

  /** How often each fault struck, by its name. */
  get faultHits(): ReadonlyMap<string, number> {
    return this.#dice.hits;
  }

  /** A running VM of somebody else, in the same account. */
  addForeign(tags: Tags, providerType = 'foreign'): Instance {
    return this.#fleet.addForeign(tags, providerType).instance;
  }

  /** Takes a VM away, after `noticeMs` when given, else at once and without a word. */
  kill(id: InstanceId, options: { readonly noticeMs?: number } = {}): void {
    const vm = this.#fleet.get(id);
    if (vm === undefined) return;
    if (options.noticeMs === undefined) this.#fleet.terminate(vm);
    else this.#fleet.preempt(vm, options.noticeMs);
  }

  /** The cloud learns that a VM has other host keys now. */
  publishHostKeys(id: InstanceId, keys: HostKeys): void {
    const vm = this.#fleet.get(id);
    if (vm !== undefined) vm.publishedKeys = keys;
  }

  /** The host keys that the cloud vouches for; empty: none, or it publishes none at all. */
  vouchedKeys(id: InstanceId): HostKeys {
    return this.hostKeys === undefined ? [] : (this.#fleet.get(id)?.publishedKeys ?? []);
  }

  /** The VM shuts itself down, as after its dead-man lease. */
  powerOff(id: InstanceId): void {
    const vm = this.#fleet.get(id);
    if (vm !== undefined) this.#fleet.stop(vm);
  }

  #touch(verb: CloudVerb, id: InstanceId): FakeVm | undefined {
    const vm = this.#fleet.get(id);
    if (vm?.foreign === true) {
      this.foreignTouches.push({ verb, id });
      this.#hooks.onForeignTouch?.(verb, id);
    }
    return vm;
  }

  #publishedKeys(id: InstanceId): HostKeys {
    const vm = this.#fleet.get(id);
    if (vm === undefined) throw new NotFoundError(`instance ${id} does not exist`);
    if (this.faults.hostKeysWithheld || vm.runningSinceMs === undefined) return [];
    return this.#clock.monotonicMs() - vm.runningSinceMs < this.#hostKeyDelayMs ? [] : vm.publishedKeys;
  }

  #call<T>(verb: CloudVerb, { signal }: CallOptions, effect: () => T): Promise<T> {
    this.calls[verb] += 1;
    const totalMs = this.#dice.delayMs('latency', this.#latency);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(abortedError(verb, signal));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#after(totalMs / 2, () => {
        const settle = this.#answer(verb, effect, { resolve, reject });
        if (settle === undefined) return;
        this.#after(totalMs / 2, () => {
          signal.removeEventListener('abort', onAbort);
          settle();
        });
      });
    });
  }

  #after(delayMs: number, callback: () => void): void {
    if (delayMs <= 0) callback();
    else this.#clock.timer(delayMs, callback);
  }

  /** Does what was asked, as the faults let it; gives how the call will be answered, undefined for never. */
  #answer<T>(
    verb: CloudVerb,
    effect: () => T,
    { resolve, reject }: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void },
  ): (() => void) | undefined {
    const faults = this.faults.calls[verb] ?? {};
    const refusal = this.#refusal(verb);
    if (refusal !== undefined) return () => reject(refusal);
    let result: T;
    try {
      result = effect();
    } catch (error) {
      return () => reject(error);
    }
    if (this.#dice.strikes(`${verb} hangs`, faults.hangRate)) return undefined;
    if (this.#dice.strikes(`${verb} answer lost`, faults.answerLostRate))
      return () => reject(new TransientCloudError(`${verb}: connection reset before the answer`));
    return () => resolve(result);
  }

  #refusal(verb: CloudVerb): Error | undefined {
    const faults = this.faults.calls[verb] ?? {};
    if (this.faults.authBroken) {
      this.#dice.hit('authBroken');
      return new AuthError(`${verb}: the credentials have expired`);
    }
    const limitedForMs = this.#limits.take(verb);
    if (limitedForMs !== undefined) {
      this.#dice.hit(`${verb} rate limit`);
      return new RateLimitError(`${verb}: too many calls`, { retryAfterMs: limitedForMs });
    }
    if (this.#dice.strikes(`${verb} throttled`, faults.throttleRate))
      return new RateLimitError(
        `${verb}: too many calls`,
        faults.retryAfterMs === undefined ? {} : { retryAfterMs: faults.retryAfterMs },
      );
    if (this.#dice.strikes(`${verb} fails`, faults.failRate)) return new TransientCloudError(`${verb}: internal error`);
    return undefined;
  }
}

function abortedError(verb: CloudVerb, signal: AbortSignal): Error {
  return new TransientCloudError(`${verb}: given up before the cloud answered`, { cause: signal.reason });
}
