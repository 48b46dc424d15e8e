import type {
  ContainerUuid,
  ExitedRun,
  FinishedRun,
  LossRecord,
  PoolSnapshot,
  QueueEntry,
  WorkerView,
} from '@drover/spec';

/** Everything that `reconcile` judges by. */
export interface ReconcileInput {
  readonly pool: PoolSnapshot;
  /** False: nothing is known of the queue yet, and a container that is missing says nothing. */
  readonly queueLoaded: boolean;
  readonly find: (uuid: ContainerUuid) => QueueEntry | undefined;
  /** All entries that are not Queued. */
  readonly held: Iterable<QueueEntry>;
  /** What changed in the queue since the reconciler's last input; undefined: anything may have. */
  readonly changed: readonly ContainerUuid[] | undefined;
  /** A queue that fences by generation (ours) gives a lost container a new attempt; the other kind cancels it. */
  readonly fenced: boolean;
  /** Containers that are not judged now: a change is under way, or its outcome is not known. */
  readonly isBusy: (uuid: ContainerUuid) => boolean;
  /** The lock of this generation was taken by this very process, so that a start could only have gone through it. */
  readonly isOwnLock: (uuid: ContainerUuid, generation: number) => boolean;
  /** Monotonic start of the last poll that succeeded; undefined: none did. */
  readonly lastPollBeganMs: number | undefined;
  /** Monotonic; since when the pool is ready and knows what runs on each of its workers; undefined: it does not. */
  readonly allKnownSinceMs: number | undefined;
  /** Unfenced queues: former locks are given back although workers are still unknown. */
  readonly staleLocksExpired: boolean;
  /** How many starts in a row were refused for this container. */
  readonly refusedStarts: (uuid: ContainerUuid) => number;
  readonly maxRefusedStarts: number;
  /** Nothing new is started any more: locks that were not used are given back. */
  readonly windingDown: boolean;
}

/** One thing to put right between queue and pool. */
export type Judgement =
  /** Bring the result home, then tell the pool. */
  | { readonly kind: 'collect'; readonly run: FinishedRun }
  /** The queue has moved past this run: its result is of no use, the VM may delete it. */
  | { readonly kind: 'discard'; readonly run: FinishedRun }
  /** The queue has seen the end of this run. */
  | { readonly kind: 'forget'; readonly run: ExitedRun }
  | { readonly kind: 'started'; readonly entry: QueueEntry; readonly worker: WorkerView }
  | { readonly kind: 'lost'; readonly entry: QueueEntry; readonly loss: LossRecord }
  | { readonly kind: 'unlock'; readonly entry: QueueEntry; readonly reason: string; readonly refused: boolean }
  | { readonly kind: 'cancel'; readonly entry: QueueEntry; readonly reason: string }
  | { readonly kind: 'kill'; readonly uuid: ContainerUuid; readonly reason: string }
  /** A former dispatcher's lock is taken over: nothing of it runs. */
  | { readonly kind: 'adopt'; readonly entry: QueueEntry }
  /** Final, and nothing of it is left anywhere. */
  | { readonly kind: 'drop'; readonly uuid: ContainerUuid };

export interface Reconciliation {
  readonly judgements: readonly Judgement[];
  /** Locked by a former dispatcher, and it is not proven yet that nothing of it runs. */
  readonly recovering: ReadonlySet<ContainerUuid>;
  /** A run of theirs has ended and waits to be brought home or forgotten: nothing new is done with them until then. */
  readonly ended: ReadonlySet<ContainerUuid>;
}
