import type { BehaviorDecision, Clock, HostKeys, InstanceId, StateStore } from '@drover/spec';
import { withDeadline } from '@drover/throttle';
import { type PinnedKeys, sameKeys } from './host-identity.ts';
import type { Remembered } from './pool-recovery.ts';

const storeTimeoutMs = 30_000;

/**
 * The VMs that the state store knows, with the host keys proven so far (none yet: an empty list) and what was decided about them.
 * Every VM is written down when it appears, so that the next dispatcher misses none because a lagging list does not show it. In
 * memory, written through.
 */
export class KnownInstances implements PinnedKeys {
  readonly #pins: Map<InstanceId, HostKeys>;
  /** As they are in the store for certain. */
  readonly #behaviors: Map<InstanceId, BehaviorDecision>;
  readonly #unsaved = new Set<InstanceId>();
  /**
   * Proven keys whose write failed, so that nobody knows whether it landed. They count like those that are stored: else another key,
   * which only the cloud could vouch for, would be proven by a secret that the VM's workload may have read.
   */
  readonly #uncertain = new Map<InstanceId, HostKeys>();
  /** The last write of each VM: they must land in the order in which they were meant. */
  readonly #writes = new Map<InstanceId, Promise<void>>();
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor({ pins, behaviors }: Remembered, store: StateStore, clock: Clock, signal: AbortSignal) {
    // A crash may have come between the two: a VM with a decision is known too.
    this.#pins = new Map([...Array.from(behaviors.keys(), (id) => [id, []] as const), ...pins]);
    this.#behaviors = new Map(behaviors);
    this.#store = store;
    this.#clock = clock;
    this.#signal = signal;
  }

  ids(): readonly InstanceId[] {
    return [...this.#pins.keys()];
  }

  get(id: InstanceId): HostKeys | undefined {
    const keys = this.#uncertain.get(id) ?? this.#pins.get(id);
    return keys === undefined || keys.length === 0 ? undefined : keys;
  }

  /** Asks the store only for what it does not have for certain. */
  async set(id: InstanceId, keys: HostKeys): Promise<void> {
    if (!this.#uncertain.has(id) && sameKeys(this.#pins.get(id) ?? [], keys)) return;
    this.#uncertain.set(id, keys);
    await this.#write(id, (signal) => this.#store.setPin(id, keys, { signal }));
    this.#stored(id, keys);
    this.#unsaved.delete(id);
  }

  /** What was decided about it last, as the store has it. */
  decision(id: InstanceId): BehaviorDecision | undefined {
    return this.#behaviors.get(id);
  }

  /** Durable when it resolves. `decided` is asked when earlier writes about the VM are over; undefined: there is nothing to keep. */
  decide(id: InstanceId, decided: () => BehaviorDecision | undefined): Promise<void> {
    return this.#write(id, async (signal) => {
      const decision = decided();
      if (decision === undefined) return;
      const { behavior, epoch, number } = this.#behaviors.get(id) ?? {};
      if (behavior === decision.behavior && epoch === decision.epoch && number === decision.number) return;
      // Until the answer is there, nobody knows which of the two it has.
      this.#behaviors.delete(id);
      await this.#store.setBehavior(id, decision, { signal });
      this.#behaviors.set(id, decision);
    });
  }

  /** A VM has appeared; `save` writes it down. */
  add(id: InstanceId): void {
    if (this.#pins.has(id)) return;
    this.#pins.set(id, []);
    this.#unsaved.add(id);
  }

  /** Writes down what is not yet; false when the store did not take it all. Never rejects. */
  async save(): Promise<boolean> {
    for (const id of this.#unsaved) {
      try {
        // Written meanwhile with its keys, or gone: nothing to add.
        await this.#write(id, async (signal) => {
          if (!this.#unsaved.has(id)) return;
          const keys = this.#uncertain.get(id) ?? [];
          await this.#store.setPin(id, keys, { signal });
          if (keys.length > 0) this.#stored(id, keys);
        });
        this.#unsaved.delete(id);
      } catch {
        return false;
      }
    }
    return true;
  }

  /** The VM is gone for certain. What stays in the store after a failure is removed after a restart. */
  async remove(id: InstanceId): Promise<void> {
    this.#unsaved.delete(id);
    this.#uncertain.delete(id);
    if (!this.#pins.delete(id)) return;
    await this.#write(id, (signal) => this.#store.removePin(id, { signal })).catch(() => undefined);
    this.#writes.delete(id);
    this.#behaviors.delete(id);
  }

  /** Unless the VM is gone, or another key was proven meanwhile. */
  #stored(id: InstanceId, keys: HostKeys): void {
    if (this.#uncertain.get(id) !== keys) return;
    this.#uncertain.delete(id);
    this.#pins.set(id, keys);
  }

  #write(id: InstanceId, call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const own = this.#after(this.#writes.get(id), call);
    this.#writes.set(id, own);
    return own;
  }

  async #after(before: Promise<void> | undefined, call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await before?.catch(() => undefined);
    await this.#withDeadline(call);
  }

  #withDeadline(call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const timeoutError = (): Error => new Error(`The state store did not answer within ${storeTimeoutMs / 1_000} s.`);
    return withDeadline({ clock: this.#clock, timeoutMs: storeTimeoutMs, signal: this.#signal, timeoutError }, call);
  }
}
