import type { Clock, ContainerEvent, ContainerUuid } from '@drover/spec';

/** What the world knows about containers, told by the queue of every commit. */
export class ContainerRegister {
  readonly #clock: Clock;
  readonly #unfinished = new Set<ContainerUuid>();
  readonly #locked = new Set<ContainerUuid>();
  readonly #cancelledAtMs = new Map<ContainerUuid, number>();
  #submitted = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note({ uuid, kind, state }: ContainerEvent): void {
    if (kind === 'submitted') {
      this.#submitted += 1;
      this.#unfinished.add(uuid);
    }
    if (state === 'Complete' || state === 'Cancelled') this.#unfinished.delete(uuid);
    if (state === 'Locked') this.#locked.add(uuid);
    else this.#locked.delete(uuid);
  }

  /** Submitted so far. */
  get submitted(): number {
    return this.#submitted;
  }

  /** Those without a final state, in the order of their submission. */
  get unfinished(): readonly ContainerUuid[] {
    return [...this.#unfinished];
  }

  /** How many those are. */
  get unfinishedCount(): number {
    return this.#unfinished.size;
  }

  get locked(): readonly ContainerUuid[] {
    return [...this.#locked];
  }

  /** A user has asked for the end of it. */
  cancelled(uuid: ContainerUuid): void {
    this.#cancelledAtMs.set(uuid, this.#clock.monotonicMs());
  }

  /** When that was. */
  cancelledAtMs(uuid: ContainerUuid): number | undefined {
    return this.#cancelledAtMs.get(uuid);
  }

  /** Everything that users have ever asked to end. */
  get allCancelled(): Iterable<ContainerUuid> {
    return this.#cancelledAtMs.keys();
  }
}
