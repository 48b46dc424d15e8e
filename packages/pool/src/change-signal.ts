import type { Unsubscribe } from '@drover/spec';

/**
 * Tells listeners that something changed: many changes within one turn make one call, at the end of that turn. A listener must
 * not throw. */
export class ChangeSignal {
  readonly #listeners = new Set<() => void>();
  #scheduled = false;

  subscribe(listener: () => void): Unsubscribe {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Something changed. */
  raise(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
