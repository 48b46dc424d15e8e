import type { CancelTimer, Clock, ContainerUuid } from '@drover/spec';

/** What the operations need to know. */
export interface OperationsOptions {
  readonly clock: Clock;
  readonly maxRunning: number;
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** An operation has ended, or a pause after a failure has: look again. */
  readonly onFree: () => void;
}

/**
 * Changes of the queue under way: at most one per container, a bounded number in all. After a failure the container
 * pauses, longer each time, so that an ailing queue is not asked in a hot loop.
 */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #running = new Map<ContainerUuid, Promise<void>>();
  /** Failures in a row. */
  readonly #failures = new Map<ContainerUuid, number>();
  readonly #pausing = new Map<ContainerUuid, CancelTimer>();
  #closed = false;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  /** Running now, or pausing after a failure. */
  isBusy(uuid: ContainerUuid): boolean {
    return this.#running.has(uuid) || this.#pausing.has(uuid);
  }

  /** All that `isBusy`. */
  busy(): ReadonlySet<ContainerUuid> {
    return new Set([...this.#running.keys(), ...this.#pausing.keys()]);
  }

  get full(): boolean {
    return this.#running.size >= this.#options.maxRunning;
  }

  /** Starts `work` unless the container is busy or too many run; says whether it did. */
  run(uuid: ContainerUuid, work: () => Promise<void>, onError: (error: unknown) => void): boolean {
    if (this.#closed || this.full || this.isBusy(uuid)) return false;
    this.#running.set(uuid, this.#attempt(uuid, work, onError));
    return true;
  }

  /** Forgets failures of a container that is no concern any more. */
  forget(uuid: ContainerUuid): void {
    this.#failures.delete(uuid);
  }

  /** Takes nothing more and leaves no timer. */
  end(): void {
    this.#closed = true;
    for (const cancel of this.#pausing.values()) cancel();
    this.#pausing.clear();
  }

  /** Takes nothing more; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.end();
    await Promise.all(this.#running.values());
  }

  async #attempt(uuid: ContainerUuid, work: () => Promise<void>, onError: (error: unknown) => void): Promise<void> {
    try {
      // Never within the caller's pass: it would see half of its own effects.
      await Promise.resolve();
      await work();
      this.#failures.delete(uuid);
    } catch (error) {
      this.#pause(uuid);
      onError(error);
    } finally {
      this.#running.delete(uuid);
      this.#options.onFree();
    }
  }

  #pause(uuid: ContainerUuid): void {
    const { clock, retryMs, maxRetryMs, onFree } = this.#options;
    const failures = this.#failures.get(uuid) ?? 0;
    this.#failures.set(uuid, failures + 1);
    if (this.#closed) return;
    const cancel = clock.timer(Math.min(maxRetryMs, retryMs * 2 ** Math.min(failures, 30)), () => {
      this.#pausing.delete(uuid);
      onFree();
    });
    this.#pausing.set(uuid, cancel);
  }
}
