import type { Clock, Instance, InstanceId, Listing } from '@drover/spec';
import type { CreateGates, ThrottledInstanceSet } from '@drover/throttle';
import { toError } from '@drover/throttle';
import type { CreateCalls } from './create-calls.ts';
import type { CreateDesk } from './create-desk.ts';
import type { Fleet } from './fleet.ts';
import { planListing } from './listing-plan.ts';
import type { Origin } from './new-worker.ts';
import type { PoolOptions } from './pool-options.ts';
import { belongsToSet, InstanceTag, readTag, setTags } from './tags.ts';
import type { WorkerConnection } from './worker-connection.ts';

/** What listings act on. */
export interface ListingsContext {
  readonly clock: Clock;
  readonly options: PoolOptions;
  readonly instanceSet: ThrottledInstanceSet;
  readonly fleet: Fleet<WorkerConnection>;
  readonly desk: CreateDesk;
  readonly calls: CreateCalls;
  readonly gates: CreateGates;
  readonly signal: AbortSignal;
  readonly add: (instance: Instance, origin: Origin) => void;
  /** VMs that the store knows. */
  readonly remembered: () => readonly InstanceId[];
  /** A VM that only the store knew is gone. */
  readonly forget: (id: InstanceId) => void;
  /** Called once: a complete listing is in, and every VM that the store knows is accounted for. */
  readonly onComplete: () => void;
  readonly onChange: () => void;
}

/** A lagging list may show a VM that is proven dead for this long at most. */
const rememberDeadMs = 600_000;
const maxAskedSoon = 10;

/** Lists the set and takes in what that tells. */
export class Listings {
  readonly #context: ListingsContext;
  readonly #asking = new Set<InstanceId>();
  readonly #dead = new Map<InstanceId, number>();
  /** Remembered VMs that the first listing did not show and that have not been found out about. */
  readonly #lost = new Set<InstanceId>();
  #error: Error | undefined;
  #listedAtMs: number | undefined;
  #complete = false;

  constructor(context: ListingsContext) {
    this.#context = context;
  }

  /** Why the last listing failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Remembered VMs are still being looked for. */
  get isSearching(): boolean {
    return this.#lost.size > 0;
  }

  /** One listing; false when it failed. Never rejects. */
  async sync(): Promise<boolean> {
    const { clock, instanceSet, options, signal } = this.#context;
    const beganAtMs = clock.monotonicMs();
    let listing: Listing;
    try {
      listing = await instanceSet.list(setTags(options), { signal });
    } catch (thrown) {
      this.#error = toError(thrown);
      return false;
    }
    if (signal.aborted) return false;
    this.#error = undefined;
    this.#apply(listing, beganAtMs);
    await this.#context.calls.removeResolved();
    return true;
  }

  /** A VM is proven dead. */
  buried(id: InstanceId): void {
    this.#dead.set(id, this.#context.clock.monotonicMs());
  }

  /** As `ask`, unless many are being asked for already: the next listing is cheaper then. */
  askSoon(id: InstanceId): void {
    if (this.#asking.size < maxAskedSoon) this.ask(id);
  }

  /** Asks for one VM by id: only this proves that it is gone. */
  ask(id: InstanceId): void {
    const { instanceSet, fleet, signal } = this.#context;
    if (this.#asking.has(id)) return;
    this.#asking.add(id);
    const answered = (answer: Instance | 'gone' | undefined): void => {
      this.#asking.delete(id);
      if (signal.aborted || answer === undefined) return;
      if (answer === 'gone') fleet.dispatch(id, { type: 'gone', evidence: 'the cloud does not know it any more' });
      else fleet.dispatch(id, { type: 'seen', instance: answer, tags: false });
    };
    // What cannot be asked now is missing in the next listing too.
    instanceSet.describe(id, { signal }).then(answered, () => answered(undefined));
  }

  #apply(listing: Listing, beganAtMs: number): void {
    const { clock, options, fleet, desk, calls, gates, onChange } = this.#context;
    const plan = planListing(listing.instances, {
      beganAtMs,
      workers: new Map(Array.from(fleet.members(), ({ worker }) => [worker.instance.id, worker] as const)),
      dead: this.#recentlyDead(),
      consistencyMs: options.consistencyMs,
      belongs: (instance) => belongsToSet(options, instance),
    });
    for (const failure of listing.launchFailures) calls.launchFailed(failure);
    for (const instance of plan.appeared) this.#appeared(instance);
    for (const instance of plan.known) fleet.dispatch(instance.id, { type: 'seen', instance, tags: true });
    for (const id of plan.missing) this.ask(id);
    const secrets = new Set(listing.instances.map((i) => readTag(options, i, InstanceTag.instanceSecret)));
    desk.book.listed(secrets, beganAtMs, options.consistencyMs);
    gates.listed(desk.total);
    for (const [id, atMs] of this.#dead) if (clock.monotonicMs() - atMs > rememberDeadMs) this.#dead.delete(id);
    if (this.#listedAtMs === undefined) {
      this.#listedAtMs = clock.monotonicMs();
      for (const id of this.#context.remembered()) if (fleet.get(id) === undefined) this.#lost.add(id);
    }
    for (const id of this.#lost) this.#search(id);
    onChange();
    this.#review();
  }

  /** Asks for a VM that only the store knows. */
  #search(id: InstanceId): void {
    const { instanceSet, signal, fleet } = this.#context;
    if (fleet.get(id) !== undefined) this.#lost.delete(id);
    if (!this.#lost.has(id) || this.#asking.has(id)) return;
    this.#asking.add(id);
    const answered = (answer: Instance | 'gone' | undefined): void => {
      this.#asking.delete(id);
      if (signal.aborted || answer === undefined) return;
      this.#found(id, answer);
      this.#review();
    };
    // What cannot be asked now is asked after the next listing.
    instanceSet.describe(id, { signal }).then(answered, () => answered(undefined));
  }

  #found(id: InstanceId, answer: Instance | 'gone'): void {
    const { options, clock, forget } = this.#context;
    const gone = answer === 'gone' || answer.lifecycle === 'terminated';
    const isOurs = answer !== 'gone' && belongsToSet(options, answer);
    const sinceMs = clock.monotonicMs() - (this.#listedAtMs ?? 0);
    // Its tags may show late; a VM that stays without them is not ours any more.
    if (!gone && !isOurs && sinceMs < 2 * options.consistencyMs) return;
    this.#lost.delete(id);
    if (gone || !isOurs) forget(id);
    else this.#appeared(answer);
  }

  #review(): void {
    if (this.#complete || this.#listedAtMs === undefined || this.#lost.size > 0) return;
    this.#complete = true;
    this.#context.onComplete();
  }

  #appeared(instance: Instance): void {
    const { desk, options, add } = this.#context;
    const vm = desk.claim(readTag(options, instance, InstanceTag.instanceSecret));
    if (vm === undefined) {
      add(instance, { createdHere: false, ...this.#offeringOf(instance), secret: undefined });
      return;
    }
    const { id: offeringId, pricePerHour } = vm.offering;
    add(instance, { createdHere: true, offeringId, pricePerHour, secret: vm.secret });
  }

  /** Which offering a VM found in a listing was bought through: the one of its type in its zone. */
  #offeringOf(instance: Instance): Pick<Origin, 'offeringId' | 'pricePerHour'> {
    const { options, instanceSet } = this.#context;
    const name = readTag(options, instance, InstanceTag.instanceType);
    const type = options.instanceTypes.find((candidate) => candidate.name === name);
    const offerings = type === undefined ? [] : instanceSet.offerings(type);
    const offering =
      offerings.find((o) => o.zone === instance.zone) ?? (offerings.length === 1 ? offerings[0] : undefined);
    return { offeringId: offering?.id, pricePerHour: offering?.pricePerHour };
  }

  #recentlyDead(): ReadonlySet<InstanceId> {
    return new Set(this.#dead.keys());
  }
}
