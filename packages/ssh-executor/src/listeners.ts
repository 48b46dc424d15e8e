import type { Unsubscribe } from '@drover/spec';

/** A set of listeners that may change while they are called. */
export class Listeners<T> {
  readonly #all = new Set<{ readonly call: (value: T) => void }>();

  get size(): number {
    return this.#all.size;
  }

  add(call: (value: T) => void): Unsubscribe {
    const entry = { call };
    this.#all.add(entry);
    return () => {
      this.#all.delete(entry);
    };
  }

  emit(value: T): void {
    for (const entry of this.#all) entry.call(value);
  }

  clear(): void {
    this.#all.clear();
  }
}
