import type { Unsubscribe } from './clock.ts';
import type { ContainerUuid, LogStream, RunResult } from './container.ts';
import type { IdleBehavior, InstanceId, WorkerState } from './instance.ts';
import type { LockedContainer, LogChunk } from './queue.ts';
import type { InlineLog } from './runner-protocol.ts';

/** What runs, or may run, on a worker. `starting`: a start was sent and nothing has confirmed or denied it. */
export interface WorkerContainer {
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly phase: 'starting' | 'running' | 'killing';
}

/** One worker, immutable: unchanged workers keep their object from snapshot to snapshot. */
export interface WorkerView {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  readonly state: WorkerState;
  readonly idleBehavior: IdleBehavior;
  readonly containers: readonly WorkerContainer[];
  /** How many runs on it have ended whose result is not acknowledged. */
  readonly uncollected: number;
  readonly offeringId?: string;
  readonly pricePerHour: number;
}

/** A create that has not shown up as a worker. Has no id. */
export interface PendingCreate {
  readonly createId: string;
  readonly instanceType: string;
}

/** A run that has ended and whose result waits on its VM. */
export interface FinishedRun {
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly instanceId: InstanceId;
  /** What the VM is, so that a run too short to be seen running is on record with where it ran. */
  readonly instanceType: string;
  readonly pricePerHour: number;
  readonly result: RunResult;
  readonly hash: string;
  /** Whole streams when short; otherwise empty and to be read with `readLog`. */
  readonly logs: readonly InlineLog[];
}

/**
 * A run that is gone without a result, with proof: its VM is gone for certain, or a reachable VM does not know it.
 * The scheduler reports it to the queue and then calls `forget`.
 */
export interface ExitedRun {
  readonly uuid: ContainerUuid;
  readonly generation: number;
  readonly instanceId: InstanceId;
  /** Monotonic time of the proof. */
  readonly atMs: number;
  readonly reason: 'not-started' | 'instance-lost' | 'preempted' | 'runner-lost';
  readonly detail: string;
}

/** Why the pool takes no create now; the first that holds. */
export type CreateDecline =
  | 'not-ready'
  | 'runner-unavailable'
  | 'at-capacity'
  | 'at-quota'
  | 'rate-limited'
  | 'too-many-creates'
  | 'cloud-error'
  | 'stopping';

/** Everything the scheduler decides by, as of one moment. */
export interface PoolSnapshot {
  /** Grows with every change. */
  readonly revision: number;
  /** False until the first complete listing and recovery of intents: nothing may be created or unlocked before. */
  readonly ready: boolean;
  /** Workers whose running containers are not known yet; locks of ours may run there. */
  readonly unknownWorkers: number;
  readonly workers: readonly WorkerView[];
  readonly pendingCreates: readonly PendingCreate[];
  /** Ended, result waiting for collection. */
  readonly finished: readonly FinishedRun[];
  /** Gone without result; stay until `forget`. */
  readonly exited: readonly ExitedRun[];
  readonly admission: Admission;
}

/** What the pool would accept now. */
export interface Admission {
  /** At quota already, or by the configured maximum. */
  readonly atQuota: boolean;
  /** More creates until at quota; Infinity when no bound is known. Counts workers and creates in flight. */
  readonly quotaRoom: number;
  /** Creates accepted until the pool declines for another reason. */
  readonly createRoom: number;
  /** Why createRoom is 0. */
  readonly decline?: CreateDecline;
  /** Types none of whose offerings is available now. */
  readonly typesAtCapacity: ReadonlySet<string>;
  /** For people: what holds creates back, e.g. "rate limited by the cloud for 12 s". */
  readonly notes: readonly string[];
}

/** What the scheduler asks of the pool. */
export type PoolAction =
  | { readonly kind: 'create'; readonly instanceType: string }
  | { readonly kind: 'start'; readonly instanceId: InstanceId; readonly container: LockedContainer }
  | { readonly kind: 'kill'; readonly uuid: ContainerUuid; readonly reason: string }
  | { readonly kind: 'shutdown'; readonly instanceId: InstanceId };

/** `stale`: the snapshot it rests on no longer holds for this worker. */
export type PoolOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'declined'; readonly reason: CreateDecline | 'not-startable' | 'not-found' | 'busy' | 'hold' }
  | { readonly kind: 'stale' };

/** The pool as the scheduler uses it; the pool satisfies it. Nothing here waits for the cloud or a VM. */
export interface PoolView {
  /** Cheap: the same object while nothing has changed. */
  snapshot(): PoolSnapshot;
  /** One outcome per action, in order. `start` needs the worker to be startable now, whatever the snapshot said. */
  apply(actions: readonly PoolAction[]): readonly PoolOutcome[];
  /** Coalesced: many changes, one call. */
  onChange(listener: () => void): Unsubscribe;
  /** Reads a log of a run on its VM, on a channel of its own; rejects with executor errors. */
  readLog(run: FinishedRun, stream: LogStream, offset: number, maxBytes: number): Promise<LogChunk>;
  /** The result is durable: the VM may delete it and the run leaves `finished`. */
  collected(uuid: ContainerUuid, generation: number): void;
  /** The queue has seen the end of this run: drop it from `exited`. */
  forget(uuid: ContainerUuid, generation: number): void;
}
