import type { Clock, HostKeys, InstanceId, StateStore } from '@drover/spec';
import { withDeadline } from '@drover/throttle';
import type { PinnedKeys } from './host-identity.ts';

const storeTimeoutMs = 30_000;

/** The pins of the state store, held in memory: read once, written through. */
export class StoredPins implements PinnedKeys {
  readonly #pins: Map<InstanceId, HostKeys>;
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(pins: ReadonlyMap<InstanceId, HostKeys>, store: StateStore, clock: Clock, signal: AbortSignal) {
    this.#pins = new Map(pins);
    this.#store = store;
    this.#clock = clock;
    this.#signal = signal;
  }

  get(id: InstanceId): HostKeys | undefined {
    return this.#pins.get(id);
  }

  async set(id: InstanceId, keys: HostKeys): Promise<void> {
    await this.#call((signal) => this.#store.setPin(id, keys, { signal }));
    this.#pins.set(id, keys);
  }

  /** The VM is gone for certain. A pin that stays in the store after a failure is removed after a restart. */
  async remove(id: InstanceId): Promise<void> {
    if (!this.#pins.delete(id)) return;
    await this.#call((signal) => this.#store.removePin(id, { signal })).catch(() => undefined);
  }

  /** Removes the pins of VMs that no longer exist. */
  async keepOnly(exists: (id: InstanceId) => boolean): Promise<void> {
    for (const id of this.#pins.keys()) if (!exists(id)) await this.remove(id);
  }

  #call<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeoutError = (): Error => new Error(`The state store did not answer within ${storeTimeoutMs / 1_000} s.`);
    return withDeadline({ clock: this.#clock, timeoutMs: storeTimeoutMs, signal: this.#signal, timeoutError }, call);
  }
}
