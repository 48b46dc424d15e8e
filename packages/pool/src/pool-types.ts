import type {
  Clock,
  ContainerUuid,
  ExecutorFactory,
  IdleBehavior,
  InstanceId,
  InstanceSet,
  InstanceView,
  Observe,
  PoolOutcome,
  PoolView,
  Random,
  RunnerSource,
  StateStore,
  WorkerState,
} from '@drover/spec';
import type { PoolOptionsInput } from './pool-options.ts';

/** Everything that a pool is made from. */
export interface PoolPorts {
  /** The driver's own set; the pool throttles it. */
  readonly instanceSet: InstanceSet;
  readonly executorFactory: ExecutorFactory;
  readonly stateStore: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: Observe;
  readonly runner: RunnerSource;
  /** From `StateStore.lead`: runners refuse older ones. */
  readonly epoch: number;
  /** HMAC-SHA256(system token, uuid) in hex, for interactive shells; default: none. */
  readonly gatewaySecret?: (uuid: ContainerUuid) => string;
  readonly options: PoolOptionsInput;
}

/** How the pool is. */
export interface PoolHealth {
  readonly ok: boolean;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
}

/** How old the last successful probe of the ready workers is. */
export interface ProbeAges {
  readonly maxMs: number;
  readonly medianMs: number;
}

/** The worker pool. */
export interface Pool extends PoolView {
  /** Begins to list, probe and work. Resolves once the first complete listing is in; rejects when stopped before. */
  start(): Promise<void>;
  /** Ends everything in this process. VMs and what runs on them stay. */
  stop(): Promise<void>;
  /**
   * Takes no more creates, drains every worker that is not on hold, and resolves when only those on hold are left; rejects with the
   * signal's reason, or when the pool is stopped.
   */
  drainAll(reason: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** All instances and creates in flight, as operators see them. */
  instances(): readonly InstanceView[];
  /**
   * Sets the idle behaviour. When it resolves with `done`, every later dispatcher knows it too. Declined with `not-found`, or `busy`
   * when the VM is being shut down; rejects when the state store cannot take it, and then nothing has changed.
   */
  setBehavior(id: InstanceId, behavior: IdleBehavior, reason: string): Promise<PoolOutcome>;
  /** Destroys the VM whatever it holds. */
  killInstance(id: InstanceId, reason: string): PoolOutcome;
  /** Workers by state; waits for the first listing. */
  countsByState(): Promise<Readonly<Record<WorkerState, number>>>;
  /** For metrics; zeros without ready workers. */
  probeAges(): ProbeAges;
  health(): PoolHealth;
}
