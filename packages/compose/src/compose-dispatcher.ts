import { createPool, type Pool } from '@drover/pool';
import { createScheduler, defaultSchedulerOptions, type Scheduler } from '@drover/scheduler';
import { DroverError, type Leadership, type Observe } from '@drover/spec';
import { withDeadline } from '@drover/throttle';
import type {
  Dispatcher,
  DispatcherOptions,
  DispatcherPhase,
  DispatcherPorts,
  DispatcherStatus,
  StopOptions,
} from './dispatcher-types.ts';

const defaultLeadTimeoutMs = 30_000;
/** The reference's default; the same as the pool's own. */
const defaultMaxInstances = defaultSchedulerOptions.maxInstances;

/** Puts pool and scheduler together over any ports; nothing happens before `start`. */
export function composeDispatcher(ports: DispatcherPorts, options: DispatcherOptions): Dispatcher {
  return new ComposedDispatcher(ports, options);
}

interface Parts {
  readonly leadership: Leadership;
  readonly pool: Pool;
  readonly scheduler: Scheduler;
}

class ComposedDispatcher implements Dispatcher {
  readonly ended: Promise<Error | undefined>;
  readonly #ports: DispatcherPorts;
  readonly #options: DispatcherOptions;
  readonly #ready = Promise.withResolvers<void>();
  #phase: DispatcherPhase = 'new';
  #parts: Parts | undefined;
  #end: (why: Error | undefined) => void = () => undefined;

  constructor(ports: DispatcherPorts, options: DispatcherOptions) {
    this.#ports = { ...ports, observe: contained(ports.observe) };
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    // Nobody has to wait for readiness.
    this.#ready.promise.catch(() => undefined);
  }

  get pool(): Pool {
    return this.#started().pool;
  }

  get scheduler(): Scheduler {
    return this.#started().scheduler;
  }

  /** Order matters: lead with a new epoch, so that runners refuse a former dispatcher; then recover; then act. */
  async start(): Promise<void> {
    if (this.#phase !== 'new') throw new DroverError('INTERNAL', 'A dispatcher can be started once only.');
    const leadership = await this.#lead();
    this.#phase = 'leading';
    const parts = this.#assemble(leadership);
    this.#parts = parts;
    leadership.onLost((why) => this.#lost(why));
    const { observe, clock } = this.#ports;
    const { instanceSetId } = this.#options.pool;
    observe({ type: 'dispatcher-started', epoch: leadership.epoch, instanceSetId });
    const startedAtMs = clock.monotonicMs();
    // The scheduler may begin: without a ready pool it only brings results home.
    parts.scheduler.start();
    parts.pool.start().then(
      () => this.#becameReady(clock.monotonicMs() - startedAtMs),
      (error: unknown) => this.#ready.reject(error),
    );
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  async stop({ drain = false, signal = new AbortController().signal }: StopOptions = {}): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined) return;
    if (this.#phase === 'stopped' || this.#phase === 'lost') {
      await this.ended;
      return;
    }
    const { pool, scheduler } = parts;
    this.#ports.observe({ type: 'dispatcher-stopping', drain });
    if (drain) {
      this.#phase = 'draining';
      scheduler.windDown();
      await pool.drainAll('the dispatcher is being drained', { signal }).catch(() => undefined);
      if (!this.#isStill('draining')) {
        // The lead was lost, or another call did not want to wait for the drain.
        await this.ended;
        return;
      }
    }
    this.#phase = 'stopped';
    try {
      await scheduler.stop();
      await pool.stop();
      await this.#release(parts.leadership);
    } finally {
      this.#end(undefined);
    }
  }

  status(): DispatcherStatus {
    const health = this.#parts?.pool.health() ?? { ok: true, problems: [] };
    return { phase: this.#phase, epoch: this.#parts?.leadership.epoch ?? 0, health };
  }

  #lead(): Promise<Leadership> {
    const { clock, stateStore } = this.#ports;
    const timeoutMs = this.#options.leadTimeoutMs ?? defaultLeadTimeoutMs;
    const timeoutError = (): Error =>
      new DroverError('QUEUE_UNAVAILABLE', `The queue did not answer within ${timeoutMs / 1000} s who leads.`, {
        retryable: true,
      });
    return withDeadline({ clock, timeoutMs, timeoutError }, (signal) => stateStore.lead({ signal }));
  }

  /** The end of the process frees the lead too, so a queue that does not take it back holds up nothing. */
  async #release(leadership: Leadership): Promise<void> {
    const { clock } = this.#ports;
    const timeoutMs = this.#options.leadTimeoutMs ?? defaultLeadTimeoutMs;
    const timeoutError = (): Error => new Error(`The queue did not take the lead back within ${timeoutMs / 1000} s.`);
    await withDeadline({ clock, timeoutMs, timeoutError }, () => leadership.release()).catch(() => undefined);
  }

  #assemble(leadership: Leadership): Parts {
    const { queue, ...poolPorts } = this.#ports;
    const { pool: poolOptions, scheduler: schedulerOptions, shell } = this.#options;
    const pool = createPool({ ...poolPorts, epoch: leadership.epoch, options: poolOptions });
    const options = {
      ...defaultSchedulerOptions,
      ...schedulerOptions,
      instanceTypes: poolOptions.instanceTypes,
      maxInstances: poolOptions.maxInstances ?? defaultMaxInstances,
      fenced: queue.fenced,
    };
    const { clock, observe } = this.#ports;
    return { leadership, pool, scheduler: createScheduler({ queue, pool, clock, observe }, options, shell) };
  }

  #becameReady(tookMs: number): void {
    if (this.#phase !== 'leading' && this.#phase !== 'draining') return;
    if (this.#phase === 'leading') this.#phase = 'ready';
    const { pool, scheduler } = this.#started();
    const instances = pool.instances().length;
    const containers = scheduler.queueItems().length;
    this.#ports.observe({ type: 'dispatcher-ready', instances, containers, tookMs });
    this.#ready.resolve();
  }

  /** Another one may lead by now: nothing that is under way may take effect. */
  #lost(why: Error): void {
    if (this.#phase === 'lost') return;
    const { pool, scheduler } = this.#started();
    scheduler.halt();
    // Then `stop` goes on at once: nothing is under way any more.
    if (this.#phase === 'stopped') return;
    this.#phase = 'lost';
    this.#ports.observe({ type: 'leadership-lost', error: why });
    pool.stop().then(
      () => this.#end(why),
      () => this.#end(why),
    );
  }

  /** Asked after an await, in which everything may have changed. */
  #isStill(phase: DispatcherPhase): boolean {
    return this.#phase === phase;
  }

  #started(): Parts {
    if (this.#parts === undefined) throw new DroverError('INTERNAL', 'The dispatcher has not been started.');
    return this.#parts;
  }
}

/** An observer that throws must not stop the dispatcher. */
function contained(observe: Observe): Observe {
  return (event) => {
    try {
      observe(event);
    } catch {
      // Nobody is left to tell.
    }
  };
}
