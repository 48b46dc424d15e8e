import type { ContainerUuid, QueueCursor, QueueEntry, QueueUpdate } from '@drover/spec';
import { compareProgress } from './entry-progress.ts';
import { QueueTable } from './queue-view.ts';

/** Marks when a poll began, for `applyPoll`. */
export interface PollTicket {
  readonly number: number;
  readonly localChanges: number;
  readonly wallMs: number;
}

/**
 * What the queue is known to hold: polls bring what others did, answers to our own changes bring what we did, and the
 * two overtake each other. Whoever has come further in the container's life wins; at the same point the poll wins
 * (only polls bring a new priority), and an answer that arrives late changes nothing.
 */
export class QueueMirror {
  /** The entries, as the planning part reads them. */
  readonly table = new QueueTable();
  readonly #fenced: boolean;
  readonly #firstSeenAtMs = new Map<ContainerUuid, number>();
  readonly #held = new Map<ContainerUuid, QueueEntry>();
  /** Our latest change per container, numbered; only those that the running or next poll may contradict. */
  readonly #changedAt = new Map<ContainerUuid, number>();
  /** Containers of which a change had an unknown outcome: the number of the last poll that is too old to tell. */
  readonly #suspects = new Map<ContainerUuid, number>();
  #cursor: QueueCursor | undefined;
  #changes = 0;
  #polls = 0;
  #loaded = false;

  constructor(options: { readonly fenced: boolean }) {
    this.#fenced = options.fenced;
  }

  /** True once a poll has succeeded: what is missing here is not in the queue. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get cursor(): QueueCursor | undefined {
    return this.#cursor;
  }

  get(uuid: ContainerUuid): QueueEntry | undefined {
    return this.table.entries.get(uuid);
  }

  /** All that are not Queued: few, however long the queue is. */
  held(): Iterable<QueueEntry> {
    return this.#held.values();
  }

  get heldCount(): number {
    return this.#held.size;
  }

  /** `wallMs` counts as the time at which the poll first sees what it brings. */
  pollBegins(wallMs: number): PollTicket {
    this.#polls += 1;
    return { number: this.#polls, localChanges: this.#changes, wallMs };
  }

  applyPoll(ticket: PollTicket, update: QueueUpdate): void {
    this.#cursor = update.cursor;
    for (const entry of update.entries) {
      if (this.#isOutdated(ticket, entry)) continue;
      if (!this.#firstSeenAtMs.has(entry.uuid)) this.#firstSeenAtMs.set(entry.uuid, ticket.wallMs);
      this.#set(entry);
    }
    if (update.complete) this.#removeMissing(ticket, update.entries);
    this.#loaded = true;
    for (const [uuid, change] of this.#changedAt) if (change <= ticket.localChanges) this.#changedAt.delete(uuid);
    for (const [uuid, poll] of this.#suspects) if (poll < ticket.number) this.#suspects.delete(uuid);
  }

  /** Takes the queue's answer to a change of ours. */
  applyAnswer(entry: QueueEntry): void {
    this.#changes += 1;
    this.#changedAt.set(entry.uuid, this.#changes);
    const known = this.table.entries.get(entry.uuid);
    // Once loaded, an unknown container is one that a complete poll has seen final.
    if (known === undefined ? !this.#loaded : compareProgress(entry, known) > 0) this.#set(entry);
  }

  /** Nobody knows what the queue holds of this container until a poll that begins after now has ended. */
  suspect(uuid: ContainerUuid): void {
    this.#suspects.set(uuid, this.#polls);
  }

  isSuspect(uuid: ContainerUuid): boolean {
    return this.#suspects.has(uuid);
  }

  suspects(): Iterable<ContainerUuid> {
    return this.#suspects.keys();
  }

  /** Wall clock of the poll that first brought it. */
  firstSeenAtMs(uuid: ContainerUuid): number | undefined {
    return this.#firstSeenAtMs.get(uuid);
  }

  drop(uuid: ContainerUuid): void {
    this.table.delete(uuid);
    this.#held.delete(uuid);
    this.#firstSeenAtMs.delete(uuid);
  }

  #isOutdated(ticket: PollTicket, polled: QueueEntry): boolean {
    const known = this.table.entries.get(polled.uuid);
    if (known === undefined) return false;
    if (!this.#fenced && this.#changedSince(ticket, polled.uuid)) return true;
    return compareProgress(polled, known) < 0;
  }

  #removeMissing(ticket: PollTicket, present: readonly QueueEntry[]): void {
    const uuids = new Set(present.map((entry) => entry.uuid));
    for (const uuid of this.table.entries.keys()) {
      if (uuids.has(uuid)) continue;
      // A fenced container never comes back from being final, so its absence is as certain as a final state.
      if (!this.#fenced && this.#changedSince(ticket, uuid)) continue;
      this.drop(uuid);
    }
  }

  #changedSince(ticket: PollTicket, uuid: ContainerUuid): boolean {
    return (this.#changedAt.get(uuid) ?? 0) > ticket.localChanges;
  }

  #set(entry: QueueEntry): void {
    if (!this.table.set(entry)) return;
    if (entry.state === 'Queued') this.#held.delete(entry.uuid);
    else this.#held.set(entry.uuid, entry);
  }
}
