import type { CallOptions, Unsubscribe } from './clock.ts';
import type {
  ContainerResources,
  ContainerScheduling,
  ContainerSpec,
  ContainerState,
  ContainerUuid,
  LogStream,
  LossReason,
  RunResult,
} from './container.ts';
import type { InstanceId } from './instance.ts';

/**
 * What the scheduler knows of one container. Immutable: a changed container is a new object, an unchanged one the same
 * object as before, so that callers compare by identity.
 */
export interface QueueEntry {
  readonly uuid: ContainerUuid;
  readonly state: ContainerState;
  /** The present priority (the user may change it). */
  readonly priority: number;
  /** Attempt number that the queue fences by: grows by one at every lock. 0 before the first. */
  readonly generation: number;
  readonly resources: ContainerResources;
  readonly scheduling: ContainerScheduling;
  /** Image reference or portable data hash, for its size. */
  readonly image?: string;
  readonly submittedAtMs: number;
  /** Orders containers of one priority; unique and growing with submission. */
  readonly sequence: number;
  /** The VM that it was last started on, as recorded by `started`; the next lock forgets it. */
  readonly instanceId?: InstanceId;
  /** Attempts in a row that infrastructure ended. */
  readonly infrastructureFailures: number;
  /** Set when this attempt must not be spot (after too many interruptions). */
  readonly onDemandOnly?: boolean;
}

/** A place in the queue's history; opaque. */
export type QueueCursor = string;

/** What changed. */
export interface QueueUpdate {
  readonly cursor: QueueCursor;
  /** True: `entries` are all unfinished containers, and what is missing is final or gone. False: only what changed. */
  readonly complete: boolean;
  readonly entries: readonly QueueEntry[];
}

/** A container that this dispatcher now holds, with all it takes to start it. */
export interface LockedContainer {
  readonly entry: QueueEntry;
  readonly spec: ContainerSpec;
}

/** Bytes of one stream of one attempt, from `offset` on. */
export interface LogChunk {
  readonly stream: LogStream;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Where and when an attempt began. */
export interface StartRecord {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  readonly pricePerHour: number;
  readonly startedAtMs: number;
}

/** Why an attempt is given up without a result. */
export interface LossRecord {
  readonly reason: LossReason;
  /** One sentence for the user. */
  readonly detail: string;
  readonly instanceId?: InstanceId;
}

/**
 * The queue as the scheduler uses it. Every change names the generation it rests on and rejects with LockConflictError
 * when the container has moved on; QueueUnavailableError means that nothing is known of the outcome: read again.
 * Repeating a change that already landed with the same generation succeeds (recovery repeats steps).
 */
export interface ContainerQueue {
  /** True for queues of ours: generations fence, lost containers get a new attempt, results are recorded and acked. */
  readonly fenced: boolean;
  /** Everything unfinished, or what changed since the cursor; a cursor too old gives a complete update. */
  poll(since: QueueCursor | undefined, options: CallOptions): Promise<QueueUpdate>;
  /** Something changed: poll soon. May be spurious, may be missed. */
  onWake(listener: () => void): Unsubscribe;
  /**
   * Queued → Locked, generation + 1. `generation` is the one seen while Queued. Refused at priority 0. A repeat succeeds
   * while it is still Locked in that new generation, and is refused once it runs.
   */
  lock(uuid: ContainerUuid, generation: number, options: CallOptions): Promise<LockedContainer>;
  /** The spec of a container that is held already (after a restart). */
  fetch(uuid: ContainerUuid, options: CallOptions): Promise<LockedContainer>;
  /** Locked → Queued, or → Cancelled at priority 0. The caller has proof that nothing of this generation runs. */
  unlock(uuid: ContainerUuid, generation: number, reason: string, options: CallOptions): Promise<QueueEntry>;
  /** Locked → Running. */
  started(uuid: ContainerUuid, generation: number, record: StartRecord, options: CallOptions): Promise<QueueEntry>;
  /** Stores log bytes of a running attempt durably; overlapping repeats are harmless, a gap rejects. */
  appendLog(uuid: ContainerUuid, generation: number, chunk: LogChunk, options: CallOptions): Promise<void>;
  /**
   * Locked or Running → Complete, or → Queued for the user's next attempt, or → Cancelled when it was killed on request.
   * A preempted or unknown result is treated as `lost` would be. Result and the last log bytes become durable in one
   * step; only then may the runner be acked. `start` completes the record of an attempt whose `started` never came:
   * a short run ends before anybody has seen it run.
   */
  finished(
    uuid: ContainerUuid,
    generation: number,
    result: RunResult,
    logs: readonly LogChunk[],
    options: CallOptions & { readonly start?: StartRecord },
  ): Promise<QueueEntry>;
  /**
   * Locked or Running → Queued for a new attempt, or → Cancelled once infrastructure failures reach their cap. The caller
   * has proof that nothing of this generation runs any more. An Arvados queue always cancels.
   */
  lost(uuid: ContainerUuid, generation: number, loss: LossRecord, options: CallOptions): Promise<QueueEntry>;
  /** → Cancelled, with the reason recorded. */
  cancel(uuid: ContainerUuid, generation: number, reason: string, options: CallOptions): Promise<QueueEntry>;
}

/** One execution of a container. */
export interface Attempt {
  readonly generation: number;
  readonly instanceId?: InstanceId;
  readonly instanceType?: string;
  readonly pricePerHour?: number;
  readonly lockedAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly outcome?: 'result' | 'unlocked' | 'cancelled' | LossReason;
  readonly detail?: string;
  readonly result?: RunResult;
}

/** One line of a container's history. */
export interface ContainerEvent {
  /** Grows over all containers; the resumable event stream counts by it. */
  readonly sequence: number;
  readonly atMs: number;
  readonly uuid: ContainerUuid;
  readonly kind: 'submitted' | 'locked' | 'unlocked' | 'started' | 'finished' | 'lost' | 'cancelled' | 'priority';
  readonly generation: number;
  readonly state: ContainerState;
  readonly detail?: string;
}

/** Everything recorded about one container. */
export interface ContainerRecord {
  readonly uuid: ContainerUuid;
  readonly state: ContainerState;
  readonly priority: number;
  readonly generation: number;
  readonly spec: ContainerSpec;
  readonly submittedAtMs: number;
  readonly finishedAtMs?: number;
  /** The last attempt's result, when it has one. */
  readonly result?: RunResult;
  /** Why it was cancelled. */
  readonly cancelReason?: string;
  readonly instanceId?: InstanceId;
  readonly attempts: readonly Attempt[];
}

/** One row of a list of containers. */
export interface ContainerSummary {
  readonly uuid: ContainerUuid;
  readonly name?: string;
  readonly state: ContainerState;
  readonly priority: number;
  readonly generation: number;
  readonly command: readonly string[];
  readonly submittedAtMs: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly instanceId?: InstanceId;
}

export interface ListFilter {
  readonly states?: readonly ContainerState[];
  /** At most this many, newest first; default 100, at most 1,000. */
  readonly limit?: number;
  /** Continue after this uuid of the page before. */
  readonly after?: ContainerUuid;
}

/** The queue as its users see it, where the queue is ours. */
export interface ContainerStore {
  /**
   * All or none, durable when it resolves; returns UUIDs in order. The same key again returns the same UUIDs and
   * creates nothing; with other contents it rejects with DroverError API_CONFLICT.
   */
  submit(
    specs: readonly ContainerSpec[],
    options: CallOptions & { readonly idempotencyKey?: string },
  ): Promise<readonly ContainerUuid[]>;
  get(uuid: ContainerUuid, options: CallOptions): Promise<ContainerRecord>;
  list(filter: ListFilter, options: CallOptions): Promise<readonly ContainerSummary[]>;
  /** How many there are in each state. */
  counts(options: CallOptions): Promise<Readonly<Record<ContainerState, number>>>;
  /** History after `sequence`, oldest first, at most `limit` (default 500). */
  events(
    after: number,
    options: CallOptions & { readonly uuid?: ContainerUuid; readonly limit?: number },
  ): Promise<readonly ContainerEvent[]>;
  /** The highest event sequence so far. */
  lastEvent(options: CallOptions): Promise<number>;
  /** Stored bytes from `offset`, at most `maxBytes`; empty at the end. `generation` absent: the last attempt. */
  readLog(
    uuid: ContainerUuid,
    stream: LogStream,
    range: { readonly offset: number; readonly maxBytes: number; readonly generation?: number },
    options: CallOptions,
  ): Promise<Uint8Array>;
  /** 0 cancels: Queued at once, else once the workload is gone. Rejects with API_CONFLICT on a final container. */
  setPriority(uuid: ContainerUuid, priority: number, reason: string, options: CallOptions): Promise<void>;
}
