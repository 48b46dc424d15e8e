import type {
  Admission,
  Clock,
  CreateDecline,
  CreateIntent,
  InstanceType,
  LaunchFailure,
  PoolOutcome,
  Random,
} from '@drover/spec';
import type { CreateGates, ThrottledInstanceSet } from '@drover/throttle';
import { chooseOffering } from './choose-offering.ts';
import { type CloudTroubles, troubleMet, troubleNow, troubleOver } from './cloud-trouble.ts';
import { addVm, type CreateBatch, newBatch, type PendingVm } from './create-batch.ts';
import { IntentBook } from './intent-book.ts';
import type { PoolOptions } from './pool-options.ts';

/** What the desk needs to know and to have. */
export interface CreateDeskContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly options: PoolOptions;
  readonly instanceSet: ThrottledInstanceSet;
  readonly gates: CreateGates;
  /** How many workers there are. */
  readonly workers: () => number;
  /** Why nothing may be created at all, apart from the cloud. */
  readonly blocked: () => CreateDecline | undefined;
  readonly onChange: () => void;
}

/** Decides which creates are taken, keeps those in flight and in doubt, and learns from how they end. Calls nobody itself. */
export class CreateDesk {
  readonly book = new IntentBook();
  readonly #context: CreateDeskContext;
  readonly #types: ReadonlyMap<string, InstanceType>;
  readonly #pending = new Map<string, PendingVm>();
  readonly #open = new Map<string, CreateBatch>();
  readonly #seenFailures = new Set<string>();
  #calls = 0;
  #troubles: CloudTroubles = new Map();
  #typesAtCapacity: ReadonlySet<string> | undefined;

  constructor(context: CreateDeskContext) {
    this.#context = context;
    this.#types = new Map(context.options.instanceTypes.map((type) => [type.name, type]));
  }

  /** VMs asked for that have not shown up. */
  get pending(): readonly PendingVm[] {
    return [...this.#pending.values()];
  }

  /** Names a create in flight to the outside without giving its secret away. */
  publicId(vm: PendingVm): string {
    return `${vm.createId}/${vm.index}`;
  }

  /** Everything that counts for maxInstances and quota. */
  get total(): number {
    return this.#context.workers() + this.#pending.size + this.book.doubtful;
  }

  /** Takes a create, to be sent with the others of this pass by `takeBatches`, or says why not. */
  request(instanceType: string): PoolOutcome {
    const { options, gates, random, clock } = this.#context;
    const type = this.#types.get(instanceType);
    const general = this.#decline();
    if (general !== undefined) return { kind: 'declined', reason: general };
    if (type === undefined) return { kind: 'declined', reason: 'not-found' };
    if (troubleNow(this.#troubles, type.name, clock.monotonicMs()) !== undefined)
      return { kind: 'declined', reason: 'cloud-error' };
    if (gates.atQuota() || this.#room() < 1) return { kind: 'declined', reason: 'at-quota' };
    const offering = chooseOffering(type, this.#context);
    if (offering === undefined) return { kind: 'declined', reason: 'at-capacity' };
    const key = `${type.name} ${offering.id}`;
    let batch = this.#open.get(key);
    if (batch === undefined || batch.vms.length >= options.maxCreateBatch) {
      if (this.#freeCalls() < 1) return { kind: 'declined', reason: 'too-many-creates' };
      if (batch !== undefined) this.#open.set(`${key} ${batch.createId}`, batch);
      batch = newBatch(type, offering, random);
      this.#open.set(key, batch);
    }
    const vm = addVm(batch, random, clock.wallMs());
    this.#pending.set(vm.secret, vm);
    return { kind: 'done' };
  }

  /** The batches of the pass that has just ended; each is a call in flight from now on. */
  takeBatches(): readonly CreateBatch[] {
    if (this.#open.size === 0) return [];
    const batches = [...this.#open.values()];
    this.#open.clear();
    this.#calls += batches.length;
    return batches;
  }

  /** A call has ended, however. */
  callEnded(): void {
    this.#calls -= 1;
    this.#context.onChange();
  }

  /** A VM with this secret exists: it is in flight no longer. Undefined when it was not asked for by this process. */
  claim(secret: string): PendingVm | undefined {
    const vm = this.#pending.get(secret);
    if (vm !== undefined) this.#pending.delete(secret);
    return vm;
  }

  /** Whether any VM of the batch is still waited for. */
  isWanted(batch: CreateBatch): boolean {
    return batch.vms.some((vm) => this.#pending.has(vm.secret));
  }

  /** This VM was certainly not made. */
  dropFailed(vm: PendingVm): void {
    this.#pending.delete(vm.secret);
    this.book.failed(vm.createId, vm.secret);
  }

  /** The call is over; what is still in flight of it may or may not exist. */
  settle(batch: CreateBatch): void {
    const doubtful = batch.vms.filter((vm) => this.#pending.delete(vm.secret)).map((vm) => vm.secret);
    this.book.settled(batch.createId, doubtful, this.#context.clock.monotonicMs());
  }

  /** Creates of this type work. */
  succeeded(type: InstanceType): void {
    this.#troubles = troubleOver(this.#troubles, type.name);
  }

  /**
   * Creates of one type, or all (`''`), fail for a reason that trying at once cannot mend; returns until when (monotonic) they
   * are declined. The wait doubles each time, up to ten times the first.
   */
  troubled(concern: string, error: Error, firstRetryMs = this.#context.options.cloudErrorRetryMs): number {
    const { clock } = this.#context;
    this.#troubles = troubleMet(this.#troubles, concern, error, clock.monotonicMs(), firstRetryMs);
    return this.#troubles.get(concern)?.untilMs ?? clock.monotonicMs();
  }

  /** Offerings have become available or unavailable. */
  capacityChanged(): void {
    this.#typesAtCapacity = undefined;
  }

  /** Found in the store at the start. */
  recover(intents: readonly CreateIntent[]): void {
    for (const intent of intents) this.book.recover(intent, this.#context.clock.monotonicMs());
  }

  /** True the first time that this failure is reported; listings repeat them. */
  noteLaunchFailure({ createId, instanceId, offeringId }: LaunchFailure): boolean {
    const key = `${createId} ${instanceId ?? offeringId}`;
    if (this.#seenFailures.has(key)) return false;
    this.#seenFailures.add(key);
    // Old ones are no longer listed; the bound only keeps a cloud that never forgets from filling the memory.
    if (this.#seenFailures.size > 1_000)
      for (const old of this.#seenFailures) {
        this.#seenFailures.delete(old);
        break;
      }
    this.book.launchFailed(createId);
    return true;
  }

  /** What would be taken now. */
  admission(): Admission {
    const { gates, options } = this.#context;
    const decline = this.#decline();
    const atQuota = gates.atQuota() || this.#room() < 1;
    const perCall = Math.max(1, options.maxCreateBatch);
    return {
      atQuota,
      quotaRoom: atQuota ? 0 : this.#room(),
      createRoom: decline === undefined ? this.#freeCalls() * perCall : 0,
      ...(decline === undefined ? {} : { decline }),
      typesAtCapacity: this.#findTypesAtCapacity(),
      notes: this.#notes(),
    };
  }

  /** Errors that keep creates back, for health. */
  troubles(): readonly string[] {
    const nowMs = this.#context.clock.monotonicMs();
    return [...this.#troubles]
      .filter(([, trouble]) => nowMs < trouble.untilMs)
      .map(([concern, { error }]) => `${concern === '' ? 'creates' : `creates of ${concern}`}: ${error.message}`);
  }

  #decline(): CreateDecline | undefined {
    const { blocked, instanceSet, clock } = this.#context;
    const general = blocked();
    if (general !== undefined) return general;
    if (troubleNow(this.#troubles, '', clock.monotonicMs()) !== undefined) return 'cloud-error';
    if (instanceSet.heldForMs('Create') > 0) return 'rate-limited';
    // A batch of this pass may still take more although no further call is free.
    return this.#freeCalls() < 1 && this.#open.size === 0 ? 'too-many-creates' : undefined;
  }

  #room(): number {
    const { maxInstances } = this.#context.options;
    return maxInstances > 0 ? Math.max(0, maxInstances - this.total) : Number.POSITIVE_INFINITY;
  }

  #freeCalls(): number {
    const { maxConcurrentCreates } = this.#context.options;
    return maxConcurrentCreates > 0 ? maxConcurrentCreates - this.#calls - this.#open.size : Number.POSITIVE_INFINITY;
  }

  #findTypesAtCapacity(): ReadonlySet<string> {
    if (this.#typesAtCapacity === undefined) {
      const names = new Set<string>();
      for (const type of this.#types.values())
        if (chooseOffering(type, this.#context) === undefined) names.add(type.name);
      this.#typesAtCapacity = names;
    }
    return this.#typesAtCapacity;
  }

  #notes(): readonly string[] {
    const { gates, instanceSet, options } = this.#context;
    const notes = [...this.troubles()];
    const heldMs = instanceSet.heldForMs('Create');
    if (heldMs > 0) notes.push(`rate limited by the cloud for another ${Math.ceil(heldMs / 1_000)} s`);
    const limit = gates.quotaLimit();
    if (limit !== undefined) notes.push(`the cloud's quota allows no more than ${limit} instances now`);
    else if (gates.atQuota()) notes.push("the cloud's quota allows no instance now");
    if (this.#room() < 1) notes.push(`maxInstances (${options.maxInstances}) is reached`);
    const atCapacity = this.#findTypesAtCapacity();
    if (atCapacity.size > 0) notes.push(`the cloud has no capacity for ${[...atCapacity].toSorted().join(', ')}`);
    return notes;
  }
}
