import { onAbort } from './abortable.ts';

/** Gives back what was taken; calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  readonly grant: (release: Release) => void;
  readonly cancel: (reason: Error) => void;
}

/** What a semaphore allows. */
export interface SemaphoreOptions {
  readonly max: number;
  /** How many may wait; more are refused with what `full` makes. Default: no bound of its own. */
  readonly maxWaiting?: number;
  readonly full?: () => Error;
}

/** At most `max` holders at once; the others wait in order of arrival. */
export class Semaphore {
  readonly #options: SemaphoreOptions;
  readonly #waiting = new Set<Waiter>();
  #max: number;
  #held = 0;

  constructor(options: SemaphoreOptions) {
    this.#options = options;
    this.#max = options.max;
  }

  /** How many hold it now. */
  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Changes how many may hold it; present holders stay. */
  setMax(max: number): void {
    this.#max = max;
    this.#next();
  }

  /** Resolves when it is the caller's turn; rejects with the signal's reason, or when too many wait. */
  acquire(signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= (this.#options.maxWaiting ?? Infinity)) {
        reject(this.#options.full?.() ?? new Error('too many wait'));
        return;
      }
      let stop = (): void => undefined;
      const waiter: Waiter = {
        grant: (release) => {
          stop();
          resolve(release);
        },
        cancel: (reason) => {
          this.#waiting.delete(waiter);
          stop();
          reject(reason);
        },
      };
      this.#waiting.add(waiter);
      stop = onAbort(signal, waiter.cancel);
      this.#next();
    });
  }

  /** Rejects everybody who waits. */
  rejectWaiting(reason: Error): void {
    for (const waiter of this.#waiting) waiter.cancel(reason);
  }

  #next(): void {
    for (const waiter of this.#waiting) {
      if (this.#held >= this.#max) return;
      this.#waiting.delete(waiter);
      this.#held += 1;
      waiter.grant(this.#releaser());
    }
  }

  #releaser(): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held -= 1;
      this.#next();
    };
  }
}
