import type { Clock, CreateRequest, HostKeys, Instance, InstanceId } from '@drover/spec';
import { CreatesInFlight } from './creates-in-flight.ts';

/** An unanswered create has had whatever effect it will ever have after this long. */
const effectWithinMs = 10_000;

/** Every VM of the set as it is, told by the cloud of each change, and what the world knows about it besides. */
export class VmRegister {
  readonly #clock: Clock;
  readonly #creates: CreatesInFlight;
  readonly #living = new Map<InstanceId, Instance>();
  readonly #untagged = new Set<InstanceId>();
  readonly #firstSeenMs = new Map<InstanceId, number>();
  readonly #troubleAtMs = new Map<InstanceId, number>();
  readonly #doubtAtMs = new Map<InstanceId, number>();
  readonly #provenKeys = new Map<InstanceId, HostKeys>();

  /** `secretTag`: the tag by which the VMs of one create can be told apart. */
  constructor(clock: Clock, secretTag: string) {
    this.#clock = clock;
    this.#creates = new CreatesInFlight(secretTag, effectWithinMs);
  }

  /** Something has changed about a VM of the set. */
  note(vm: Instance): void {
    this.#creates.note(vm);
    if (!this.#firstSeenMs.has(vm.id)) this.#firstSeenMs.set(vm.id, this.#clock.monotonicMs());
    const lives = vm.lifecycle !== 'terminated';
    if (lives) this.#living.set(vm.id, vm);
    else this.#living.delete(vm.id);
    if (lives && this.#creates.isUntagged(vm)) this.#untagged.add(vm.id);
    else this.#untagged.delete(vm.id);
  }

  /** A create is about to be carried out: how many VMs it and all unanswered ones may add to the living. */
  toCome(request: CreateRequest): number {
    return this.#creates.toCome(request, this.#untagged.size, this.#clock.monotonicMs());
  }

  createBegun(request: CreateRequest): void {
    this.#creates.begin(request, this.#clock.monotonicMs());
  }

  createAnswered(request: CreateRequest): void {
    this.#creates.answered(request);
  }

  /** When the last write of what was decided about a VM failed: it may have landed. */
  doubtAtMs(id: InstanceId): number | undefined {
    return this.#doubtAtMs.get(id);
  }

  noteDoubt(id: InstanceId): void {
    this.#doubtAtMs.set(id, this.#clock.monotonicMs());
  }

  /** Keys that it has proven are on record now. */
  notePin(id: InstanceId, keys: HostKeys): void {
    this.#provenKeys.set(id, [...(this.#provenKeys.get(id) ?? []), ...keys]);
  }

  /** This very VM has proven this key at some time, the present included. */
  hasProven(id: InstanceId, key: string): boolean {
    return this.#provenKeys.get(id)?.includes(key) === true;
  }

  /** VMs of the set that are not terminated, with or without tags. */
  get living(): readonly Instance[] {
    return [...this.#living.values()];
  }

  /** How many those are. */
  get count(): number {
    return this.#living.size;
  }

  firstSeenMs(id: InstanceId): number {
    return this.#firstSeenMs.get(id) ?? this.#clock.monotonicMs();
  }

  /** When the way to a VM was last closed or opened by a fault. */
  troubleAtMs(id: InstanceId): number | undefined {
    return this.#troubleAtMs.get(id);
  }

  noteTrouble(id: InstanceId): void {
    this.#troubleAtMs.set(id, this.#clock.monotonicMs());
  }
}
