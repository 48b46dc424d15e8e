import type { ContainerUuid, QueueEntry } from '@drover/spec';

/** What the scheduler's pure part reads of the queue: the unfinished containers as last polled, and what changed. */
export interface QueueView {
  /** Grows by one with every entry set or removed. */
  readonly revision: number;
  /** Entries keep their object while unchanged. */
  readonly entries: ReadonlyMap<ContainerUuid, QueueEntry>;
  /**
   * UUIDs set or removed after `revision` (repeats possible). Undefined when that is too long ago to tell: then everything
   * has to be compared.
   */
  changedSince(revision: number): readonly ContainerUuid[] | undefined;
}

/** The queue as the shell keeps it: set what a poll or an answer brought, remove what is over. */
export class QueueTable implements QueueView {
  readonly #entries = new Map<ContainerUuid, QueueEntry>();
  /** `#log[i]` was changed by revision `#logStart + i + 1`. */
  #log: ContainerUuid[] = [];
  #logStart = 0;
  readonly #maxLog: number;

  /** `maxLog`: how many changes are remembered at least; a reader that is further behind compares everything. */
  constructor(maxLog = 100_000) {
    this.#maxLog = maxLog;
  }

  get revision(): number {
    return this.#logStart + this.#log.length;
  }

  get entries(): ReadonlyMap<ContainerUuid, QueueEntry> {
    return this.#entries;
  }

  changedSince(revision: number): readonly ContainerUuid[] | undefined {
    return revision < this.#logStart ? undefined : this.#log.slice(revision - this.#logStart);
  }

  /** Returns false, and changes nothing, when this very object is there already. */
  set(entry: QueueEntry): boolean {
    if (this.#entries.get(entry.uuid) === entry) return false;
    this.#entries.set(entry.uuid, entry);
    this.#record(entry.uuid);
    return true;
  }

  /** Returns false when it was not there. */
  delete(uuid: ContainerUuid): boolean {
    if (!this.#entries.delete(uuid)) return false;
    this.#record(uuid);
    return true;
  }

  #record(uuid: ContainerUuid): void {
    this.#log.push(uuid);
    if (this.#log.length <= 2 * this.#maxLog) return;
    const drop = this.#log.length - this.#maxLog;
    this.#log = this.#log.slice(drop);
    this.#logStart += drop;
  }
}
