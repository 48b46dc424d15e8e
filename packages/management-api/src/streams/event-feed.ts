import type { Clock, ContainerEvent, ContainerStore, ContainerUuid, Unsubscribe } from '@drover/spec';
import { ChangeSignal } from './change-signal.ts';

/** What an event feed needs; times in milliseconds. */
export interface EventFeedOptions {
  readonly store: ContainerStore;
  readonly clock: Clock;
  readonly onStoreChange: (listener: () => void) => Unsubscribe;
  /** Wakes waiting readers this often, whether or not the store told of a change. */
  readonly pollMs: number;
  /** Newest events kept for all readers together. */
  readonly recentEvents: number;
  readonly storeTimeoutMs: number;
}

/** Some history, oldest first, and the sequence to go on from. */
export interface EventPage {
  readonly events: readonly ContainerEvent[];
  readonly next: number;
}

const pageRows = 500;

/**
 * The queue's history for any number of readers: it is read from the store once, and kept for those that are up to date.
 * Readers that are behind read the store at their own pace, so none of them makes memory grow.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  /** The newest events, without gaps up to `#head`. */
  #recent: readonly ContainerEvent[] = [];
  /** All events after this one and up to `#head` are in `#recent`. */
  #recentAfter = 0;
  #head: number | undefined;
  #refreshing: Promise<void> | undefined;
  readonly #changes: ChangeSignal;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.#changes = new ChangeSignal(options);
  }

  /** At most 500 events after `after`, of one container or of all. Empty when there is none yet. */
  async read(after: number, uuid?: ContainerUuid): Promise<EventPage> {
    await this.#refresh();
    const head = this.#head ?? 0;
    if (after >= this.#recentAfter) return this.#fromMemory(after, uuid);
    const { store } = this.#options;
    const options = { limit: pageRows, signal: this.#deadline(), ...(uuid === undefined ? {} : { uuid }) };
    const events = await store.events(after, options);
    const last = events.at(-1)?.sequence ?? after;
    return { events, next: events.length < pageRows ? Math.max(last, head) : last };
  }

  /** Read it before the store, and wait with it for what came after. */
  version(): number {
    return this.#changes.version();
  }

  /** Resolves when there has been a change since `version` (perhaps), after `ms`, or when the signal is aborted. */
  async change(version: number, ms: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(version, ms, signal);
  }

  /** Ends the subscription to the store. */
  close(): void {
    this.#changes.close();
  }

  /** Brings memory up to date; concurrent readers share one look at the store. */
  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #load(): Promise<void> {
    const { store, recentEvents } = this.#options;
    if (this.#head === undefined) {
      this.#head = await store.lastEvent({ signal: this.#deadline() });
      this.#recentAfter = this.#head;
      return;
    }
    const events = await store.events(this.#head, { limit: pageRows, signal: this.#deadline() });
    if (events.length === 0) return;
    const all = [...this.#recent, ...events];
    const dropped = all.length > recentEvents ? all.slice(0, all.length - recentEvents) : [];
    this.#recent = all.slice(dropped.length);
    this.#recentAfter = dropped.at(-1)?.sequence ?? this.#recentAfter;
    this.#head = events.at(-1)?.sequence ?? this.#head;
  }

  #fromMemory(after: number, uuid: ContainerUuid | undefined): EventPage {
    const newer = this.#recent.slice(this.#firstAfter(after), this.#firstAfter(after) + pageRows);
    const events = uuid === undefined ? newer : newer.filter((event) => event.uuid === uuid);
    return { events, next: newer.at(-1)?.sequence ?? after };
  }

  /** Index of the first recent event after a sequence, by bisection. */
  #firstAfter(sequence: number): number {
    let [low, high] = [0, this.#recent.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#recent[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #deadline(): AbortSignal {
    return AbortSignal.timeout(this.#options.storeTimeoutMs);
  }
}
