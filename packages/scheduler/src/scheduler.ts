import type {
  CancelTimer,
  Clock,
  ContainerQueue,
  ContainerUuid,
  Observe,
  PoolSnapshot,
  PoolView,
  Unsubscribe,
  WhyAnswer,
} from '@drover/spec';
import { Operations } from './operations.ts';
import { OwnLocks } from './own-locks.ts';
import { PassTrigger } from './pass-trigger.ts';
import { performActions } from './perform-actions.ts';
import { performJudgements } from './perform-judgements.ts';
import type { CreatePlanMemory, Plan, Why } from './plan.ts';
import type { PlanInput, PlanMemory, PlanResult } from './plan-types.ts';
import { QueueCalls } from './queue-calls.ts';
import { isOverloaded, QueueChanges } from './queue-changes.ts';
import { QueueMirror } from './queue-mirror.ts';
import { QueuePoller } from './queue-poller.ts';
import { type QueueItem, queueItems, type SchedulerGauges, schedulerGauges } from './queue-items.ts';
import { nextReadiness, notReady } from './readiness.ts';
import { Reconciler } from './reconcile.ts';
import type { Reconciliation } from './reconcile-types.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { defaultShellOptions, type ShellOptions } from './shell-options.ts';
import { explain } from './explain.ts';

/** The outside of the scheduler. */
export interface SchedulerPorts {
  readonly queue: ContainerQueue;
  readonly pool: PoolView;
  readonly clock: Clock;
  readonly observe: Observe;
}

/** The pure part: how one pass decides. */
export interface Planning {
  readonly plan: Plan;
  readonly createMemory: CreatePlanMemory;
  readonly why: Why;
}

/** Brings queue and pool together: mirrors the one, watches the other, and acts on every change of either. */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #options: SchedulerOptions;
  readonly #shell: ShellOptions;
  readonly #planning: Planning;
  readonly #mirror: QueueMirror;
  readonly #locks = new OwnLocks();
  readonly #calls: QueueCalls;
  readonly #operations: Operations;
  readonly #changes: QueueChanges;
  readonly #poller: QueuePoller;
  readonly #trigger: PassTrigger;
  readonly #reconciler = new Reconciler();
  /** Of the queue table, as of the last reconciliation. */
  #reconciledRevision = -1;
  #memory: PlanMemory;
  #unsubscribe: Unsubscribe | undefined;
  #stopped = false;
  #windingDown = false;
  #overloadedAtMs: number | undefined;
  #readiness = notReady;
  #cancelStaleLocks: CancelTimer = () => undefined;
  #cancelRetry: CancelTimer | undefined;
  #lastInput: PlanInput | undefined;
  #lastResult: PlanResult | undefined;

  constructor(ports: SchedulerPorts, options: SchedulerOptions, shell: Partial<ShellOptions>, planning: Planning) {
    const { queue, pool, clock } = ports;
    this.#ports = { ...ports, observe: contained(ports.observe) };
    this.#options = { ...options, fenced: queue.fenced };
    this.#shell = { ...defaultShellOptions, ...shell };
    this.#planning = planning;
    this.#memory = planning.createMemory(this.#options);
    this.#mirror = new QueueMirror({ fenced: queue.fenced });
    this.#calls = new QueueCalls(clock, this.#shell.queueCallTimeoutMs);
    this.#trigger = new PassTrigger(clock, () => this.#pass(), this.#shell.minPassIntervalMs);
    const { retryMs, maxRetryMs, maxQueueCalls } = this.#shell;
    const onFree = (): void => this.#trigger.request();
    this.#operations = new Operations({ clock, maxRunning: maxQueueCalls, retryMs, maxRetryMs, onFree });
    const { pollIntervalMs } = this.#shell;
    const onPolled = (error: unknown): void => this.#polled(error);
    this.#poller = new QueuePoller({
      queue,
      clock,
      mirror: this.#mirror,
      calls: this.#calls,
      pollIntervalMs,
      onPolled,
    });
    this.#changes = new QueueChanges({
      queue,
      pool,
      clock,
      observe: this.#ports.observe,
      mirror: this.#mirror,
      operations: this.#operations,
      calls: this.#calls,
      locks: this.#locks,
      logChunkBytes: this.#shell.logChunkBytes,
      onDoubt: () => this.#poller.pollSoon(),
      onOverloaded: () => (this.#overloadedAtMs = clock.monotonicMs()),
    });
  }

  /** Begins to poll the queue and to act. */
  start(): void {
    this.#unsubscribe = this.#ports.pool.onChange(() => this.#trigger.request());
    this.#poller.start();
    this.#trigger.request();
  }

  /** Starts nothing new from now on and gives unused locks back; results are still brought home. */
  windDown(): void {
    this.#windingDown = true;
    this.#trigger.request();
  }

  /** Begins nothing more, and waits for changes of the queue under way, at most `stopTimeoutMs`. */
  async stop(): Promise<void> {
    this.#end();
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const cancel = this.#ports.clock.timer(this.#shell.stopTimeoutMs, resolve);
    await Promise.race([this.#operations.close(), timeout]);
    cancel();
    this.#calls.abort();
  }

  /** Stops acting at once: what is under way is given up, nothing of it takes effect here any more. */
  halt(): void {
    this.#end();
    this.#operations.end();
    this.#calls.abort();
  }

  /** Why a container waits, or what it does. Undefined: the queue is known and does not hold it. */
  why(uuid: ContainerUuid): WhyAnswer | undefined {
    const wallOffsetMs = this.#ports.clock.wallMs() - this.#ports.clock.monotonicMs();
    const input = this.#lastInput;
    return explain({
      uuid,
      loaded: this.#mirror.loaded,
      queueFailing: this.#poller.failing,
      entry: this.#mirror.get(uuid),
      recovering: input === undefined || input.recovering?.has(uuid) === true,
      planned: input === undefined ? undefined : this.#planning.why(uuid, input, this.#memory, wallOffsetMs),
      nowMs: this.#ports.clock.wallMs(),
    });
  }

  /** Every unfinished container as last known. */
  queueItems(): readonly QueueItem[] {
    return queueItems(this.#mirror, this.#lastResult?.reasons);
  }

  /** What metrics are made from; linear in the queue. */
  gauges(): SchedulerGauges {
    const wallOffsetMs = this.#ports.clock.wallMs() - this.#ports.clock.monotonicMs();
    return schedulerGauges(this.#mirror, this.#lastResult, this.#memory.limits, {
      nowMs: this.#ports.clock.wallMs(),
      wallOffsetMs,
    });
  }

  #end(): void {
    this.#stopped = true;
    this.#trigger.close();
    this.#poller.stop();
    this.#cancelStaleLocks();
    this.#cancelRetry?.();
    this.#unsubscribe?.();
  }

  #polled(failure: unknown): void {
    if (failure !== undefined) {
      const error = failure instanceof Error ? failure : new Error('the poll failed', { cause: failure });
      this.#ports.observe({ type: 'queue-error', operation: 'poll', error });
      if (isOverloaded(failure)) this.#overloadedAtMs = this.#ports.clock.monotonicMs();
    } else this.#locks.retain((uuid) => this.#mirror.get(uuid) !== undefined);
    this.#trigger.request();
  }

  #pass(): void {
    if (this.#stopped) return;
    const { pool, clock, observe } = this.#ports;
    const startMs = clock.monotonicMs();
    const before = pool.snapshot();
    this.#noteReadiness(before, startMs);
    const verdict = this.#reconcile(before);
    const ports = { pool, changes: this.#changes, mirror: this.#mirror, locks: this.#locks };
    performJudgements(ports, verdict.judgements);
    const after = pool.snapshot();
    if (!this.#mirror.loaded || !after.ready || this.#windingDown) return;
    const result = this.#plan(after, verdict, startMs);
    if (!performActions(ports, result.actions)) this.#passAfterPause();
    const waiting = this.#mirror.table.entries.size - this.#mirror.heldCount;
    observe({ type: 'pass', durationMs: clock.monotonicMs() - startMs, waiting, actions: result.actions.length });
  }

  #reconcile(pool: PoolSnapshot): Reconciliation {
    const { fenced } = this.#ports.queue;
    const { staleLockTimeoutMs, maxRefusedStarts } = this.#shell;
    const { readySinceMs, allKnownSinceMs } = this.#readiness;
    const readyForMs = readySinceMs === undefined ? 0 : this.#ports.clock.monotonicMs() - readySinceMs;
    const { table } = this.#mirror;
    const changed = table.changedSince(this.#reconciledRevision);
    this.#reconciledRevision = table.revision;
    return this.#reconciler.reconcile({
      pool,
      queueLoaded: this.#mirror.loaded,
      find: (uuid) => this.#mirror.get(uuid),
      held: this.#mirror.held(),
      changed,
      fenced,
      isBusy: (uuid) => this.#operations.isBusy(uuid) || this.#mirror.isSuspect(uuid),
      isOwnLock: (uuid, generation) => this.#locks.holds(uuid, generation),
      lastPollBeganMs: this.#poller.lastBeganMs,
      allKnownSinceMs,
      staleLocksExpired: readyForMs >= staleLockTimeoutMs,
      refusedStarts: (uuid) => this.#changes.refusedStarts(uuid),
      maxRefusedStarts,
      windingDown: this.#windingDown,
    });
  }

  #plan(pool: PoolSnapshot, verdict: Reconciliation, nowMs: number): PlanResult {
    const input: PlanInput = {
      pool,
      queue: this.#mirror.table,
      options: this.#options,
      nowMs,
      overloadedAtMs: this.#overloadedAtMs,
      busy: new Set([...this.#operations.busy(), ...this.#mirror.suspects(), ...verdict.ended]),
      recovering: verdict.recovering,
    };
    const result = this.#planning.plan(input, this.#memory);
    this.#memory = result.memory;
    this.#lastInput = input;
    this.#lastResult = result;
    return result;
  }

  #noteReadiness(pool: PoolSnapshot, nowMs: number): void {
    const before = this.#readiness;
    const { clock, queue } = this.#ports;
    this.#readiness = nextReadiness(before, pool, nowMs);
    const { readySinceMs, allKnownSinceMs } = this.#readiness;
    if (before.readySinceMs === undefined && readySinceMs !== undefined)
      this.#cancelStaleLocks = clock.timer(this.#shell.staleLockTimeoutMs, () => this.#trigger.request());
    const nowKnown = before.allKnownSinceMs === undefined && allKnownSinceMs !== undefined;
    // Without fencing, absence is judged by a queue that was read after everything was known.
    if (nowKnown && !queue.fenced) this.#poller.pollSoon();
  }

  #passAfterPause(): void {
    if (this.#stopped || this.#cancelRetry !== undefined) return;
    this.#cancelRetry = this.#ports.clock.timer(this.#shell.retryMs, () => {
      this.#cancelRetry = undefined;
      this.#trigger.request();
    });
  }
}

/** An observer that throws must not stop the scheduler. */
function contained(observe: Observe): Observe {
  return (event) => {
    try {
      observe(event);
    } catch {
      // Nobody is left to tell.
    }
  };
}
