import type { Clock, CreateResult, Instance, LaunchFailure, Observe, StateStore } from '@drover/spec';
import {
  classifyCloudError,
  type CreateGates,
  type ThrottledInstanceSet,
  toError,
  withDeadline,
} from '@drover/throttle';
import { capacitySubject } from './choose-offering.ts';
import { type CreateBatch, intentOf, type PendingVm, requestOf } from './create-batch.ts';
import type { CreateDesk } from './create-desk.ts';
import type { PoolOptions } from './pool-options.ts';

/** What sending creates needs. */
export interface CreateCallsContext {
  readonly clock: Clock;
  readonly options: PoolOptions;
  readonly observe: Observe;
  readonly instanceSet: ThrottledInstanceSet;
  readonly stateStore: StateStore;
  readonly gates: CreateGates;
  readonly desk: CreateDesk;
  readonly signal: AbortSignal;
  /** A VM exists. */
  readonly onInstance: (instance: Instance, vm: PendingVm) => void;
  readonly onChange: () => void;
  /** Writes down the VMs that have appeared; false when that failed. */
  readonly saveKnown: () => Promise<boolean>;
  /** Creates may be worth trying again at this monotonic time. */
  readonly wakeAt: (untilMs: number) => void;
}

/** Answers that leave it open whether VMs were made are followed by the same call, which makes nothing twice. Waits between. */
const retryWaitsMs = [1_000, 2_500, 4_750];
const storeTimeoutMs = 30_000;
/** First pause after a fault that will pass. */
const shortRetryMs = 1_000;

/** A create that was not sent. */
class CreateForgone extends Error {}

/** Sends batches to the cloud: written down first, answered or doubted in the end. */
export class CreateCalls {
  readonly #context: CreateCallsContext;

  constructor(context: CreateCallsContext) {
    this.#context = context;
  }

  /** Sends one batch; never rejects. */
  async send(batch: CreateBatch): Promise<void> {
    const { desk, signal } = this.#context;
    const intent = intentOf(batch, this.#context.clock.wallMs());
    try {
      await this.#store((s) => this.#context.stateStore.recordIntent(intent, { signal: s }));
    } catch (thrown) {
      for (const vm of batch.vms) desk.dropFailed(vm);
      this.#report(batch, toError(thrown));
      this.#context.wakeAt(desk.troubled('', toError(thrown), shortRetryMs));
      desk.callEnded();
      return;
    }
    if (signal.aborted) return;
    desk.book.begin(intent);
    await this.#create(batch);
    if (signal.aborted) return;
    desk.settle(batch);
    desk.callEnded();
    await this.removeResolved();
  }

  /** Takes what is resolved out of the store. A failure costs nothing: the next start resolves it once more. */
  async removeResolved(): Promise<void> {
    const { desk, stateStore, saveKnown } = this.#context;
    // A VM must be known to the store by its id before its create is forgotten.
    if (!(await saveKnown())) return;
    for (const createId of desk.book.takeResolved())
      await this.#store((signal) => stateStore.removeIntent(createId, { signal })).catch(() => undefined);
  }

  /** A launch that the cloud accepted and that failed later. */
  launchFailed(failure: LaunchFailure): void {
    const { desk, options, instanceSet } = this.#context;
    if (!desk.noteLaunchFailure(failure)) return;
    for (const type of options.instanceTypes)
      for (const offering of instanceSet.offerings(type))
        if (offering.id === failure.offeringId)
          this.#learn({ createId: failure.createId, type, offering, vms: [] }, failure.error);
  }

  async #create(batch: CreateBatch): Promise<void> {
    const { instanceSet, observe, options, clock, desk, signal } = this.#context;
    const request = requestOf(batch, options);
    observe({
      type: 'create-requested',
      createId: batch.createId,
      instanceType: batch.type.name,
      offeringId: batch.offering.id,
      count: request.count,
    });
    let inDoubt = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        // Only a call that may have been made already is repeated whatever was learnt since: it makes nothing new.
        const objection = attempt === 0 ? () => this.#objection(batch) : undefined;
        this.#created(batch, await instanceSet.create(request, { signal, ...(objection && { objection }) }));
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        if (thrown instanceof CreateForgone) {
          this.#forgo(batch, thrown);
          return;
        }
        const error = toError(thrown);
        const isRefused = classifyCloudError(error).kind !== 'unknown';
        // That this call did nothing is no proof about an earlier one.
        if (isRefused && !inDoubt) {
          this.#refusedAll(batch, error);
          return;
        }
        this.#report(batch, error);
        if (isRefused) {
          this.#learn(batch, error);
          return;
        }
        inDoubt = true;
        const waitMs = retryWaitsMs[attempt];
        if (!desk.isWanted(batch)) return;
        if (waitMs === undefined) {
          // Nobody knows what became of it, again and again: no more of this type for a while.
          this.#context.wakeAt(desk.troubled(batch.type.name, error));
          return;
        }
        await clock.sleep(waitMs, { signal }).catch(() => undefined);
        if (signal.aborted || !desk.isWanted(batch)) return;
      }
    }
  }

  /** What other creates were answered while this one was written down and waited for its permit. */
  #objection(batch: CreateBatch): Error | undefined {
    const { gates } = this.#context;
    if (gates.atQuota()) return new CreateForgone('the quota was reached meanwhile');
    const subject = capacitySubject(batch.type, batch.offering, this.#context);
    if (gates.unavailableUntilMs(subject) === undefined) return undefined;
    return new CreateForgone(`${batch.offering.id} ran out of capacity meanwhile`);
  }

  /** The cloud was never asked: nothing was made, and nothing is learnt. */
  #forgo(batch: CreateBatch, why: CreateForgone): void {
    for (const vm of batch.vms) this.#context.desk.dropFailed(vm);
    this.#report(batch, why);
    this.#context.onChange();
  }

  #created(batch: CreateBatch, results: readonly CreateResult[]): void {
    const { desk, onInstance } = this.#context;
    const refused: { vm: PendingVm; error: Error }[] = [];
    batch.vms.forEach((vm, index) => {
      const result = results[index];
      if (result === undefined) return;
      if (!result.ok) refused.push({ vm, error: result.error });
      else if (desk.claim(vm.secret) !== undefined) onInstance(result.instance, vm);
    });
    if (results.some((result) => result.ok)) desk.succeeded(batch.type);
    this.#refusedSome(batch, refused);
  }

  /** The whole call was refused. */
  #refusedAll(batch: CreateBatch, error: Error): void {
    // One refusal is no proof for a VM that a listing has shown already.
    for (const vm of batch.vms) this.#context.desk.dropFailed(vm);
    this.#report(batch, error);
    this.#learn(batch, error);
    this.#context.onChange();
  }

  /** These VMs were not made. One call teaches each kind of refusal once, however many VMs met it: the waits double each time. */
  #refusedSome(batch: CreateBatch, refused: readonly { readonly vm: PendingVm; readonly error: Error }[]): void {
    const kinds = new Map<string, Error>();
    for (const { vm, error } of refused) {
      this.#context.desk.dropFailed(vm);
      this.#report(batch, error);
      const failure = classifyCloudError(error);
      const kind = failure.kind === 'capacity' ? `capacity ${failure.scope}` : failure.kind;
      if (!kinds.has(kind)) kinds.set(kind, error);
    }
    for (const error of kinds.values()) this.#learn(batch, error);
    if (refused.length > 0) this.#context.onChange();
  }

  #report(batch: CreateBatch, error: Error): void {
    const { createId, type } = batch;
    this.#context.observe({ type: 'create-failed', createId, instanceType: type.name, error });
  }

  #learn(batch: CreateBatch, error: Error): void {
    const { desk, gates, observe, wakeAt, instanceSet } = this.#context;
    const failure = classifyCloudError(error);
    if (failure.kind === 'quota') {
      const others = desk.total;
      gates.quotaReached(others);
      observe({ type: 'quota-reached', instances: others, error });
    } else if (failure.kind === 'capacity') {
      gates.capacityReached(failure.scope, capacitySubject(batch.type, batch.offering, this.#context));
      desk.capacityChanged();
      const { scope } = failure;
      const { zone, preemptible } = batch.offering;
      observe({ type: 'capacity-unavailable', scope, instanceType: batch.type.name, zone, preemptible, error });
    } else if (failure.kind === 'auth') wakeAt(desk.troubled('', error));
    else if (failure.kind === 'invalid-request' || failure.kind === 'not-found')
      wakeAt(desk.troubled(batch.type.name, error));
    // A passing fault, or a limit on one VM of a batch: not at once. A limit on the whole call is the throttle's to hold.
    else if (instanceSet.heldForMs('Create') === 0) wakeAt(desk.troubled(batch.type.name, error, shortRetryMs));
  }

  #store<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#context;
    const timeoutError = (): Error => new Error(`The state store did not answer within ${storeTimeoutMs / 1_000} s.`);
    return withDeadline({ clock, timeoutMs: storeTimeoutMs, signal, timeoutError }, call);
  }
}
