import type { Pool, PoolHealth, PoolOptionsInput, PoolPorts } from '@drover/pool';
import type { Scheduler, SchedulerOptions, ShellOptions } from '@drover/scheduler';
import type { ContainerQueue } from '@drover/spec';

/** The outside world of a dispatcher. */
export interface DispatcherPorts extends Omit<PoolPorts, 'epoch' | 'options'> {
  readonly queue: ContainerQueue;
}

/** Everything that is configured. Instance types and maxInstances are the pool's; the scheduler takes them from there. */
export interface DispatcherOptions {
  readonly pool: PoolOptionsInput;
  readonly scheduler?: Partial<Omit<SchedulerOptions, 'instanceTypes' | 'maxInstances' | 'fenced'>>;
  readonly shell?: Partial<ShellOptions>;
  /** Deadline of the attempt to lead; default 30 s. */
  readonly leadTimeoutMs?: number;
}

/** `leading`: acts, but does not know all of its VMs yet. `lost`: another dispatcher leads. */
export type DispatcherPhase = 'new' | 'leading' | 'ready' | 'draining' | 'stopped' | 'lost';

/** How a dispatcher is, for health and people. */
export interface DispatcherStatus {
  readonly phase: DispatcherPhase;
  /** 0 before it leads. */
  readonly epoch: number;
  readonly health: PoolHealth;
}

/** How a dispatcher is to end. */
export interface StopOptions {
  /** Start nothing more, let what runs end, and see every VM gone that is not on hold. Otherwise VMs and runs stay. */
  readonly drain?: boolean;
  /** Ends a drain early; then VMs that are left stay. */
  readonly signal?: AbortSignal;
}

/** One dispatcher: pool and scheduler over some ports. Can be started once. */
export interface Dispatcher {
  /**
   * Takes the lead and begins to recover and to act. Resolves once it leads; rejects with DroverError QUEUE_IN_USE while
   * another one does, or with queue errors.
   */
  start(): Promise<void>;
  /** Resolves when the first complete listing is in; rejects when it ended before. */
  whenReady(): Promise<void>;
  /** Resolves when nothing of it acts any more. */
  stop(options?: StopOptions): Promise<void>;
  /** Resolves when it has ended: with the reason when the lead was lost, else with undefined. */
  readonly ended: Promise<Error | undefined>;
  /** Throws before `start` has resolved. */
  readonly pool: Pool;
  /** Throws before `start` has resolved. */
  readonly scheduler: Scheduler;
  status(): DispatcherStatus;
}
