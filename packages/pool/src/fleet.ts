import type { CancelTimer, Clock, InstanceId, Observe, PoolOutcome, WorkerView } from '@drover/spec';
import type { Moment } from './moment.ts';
import type { PoolOptions } from './pool-options.ts';
import { isStartable, type Worker } from './worker.ts';
import { nextDeadlineMs } from './worker-deadline.ts';
import type { WorkerEffect, WorkerEvent } from './worker-protocol.ts';
import { transition } from './worker-transition.ts';
import { workerView } from './worker-view.ts';

/** One worker with what belongs to it outside the pure core. */
export interface Member<Attachment> {
  worker: Worker;
  view: WorkerView;
  readonly attachment: Attachment;
}

/** Whom the fleet tells. */
export interface FleetContext<Attachment> {
  readonly clock: Clock;
  readonly options: PoolOptions;
  readonly observe: Observe;
  /** Performs one effect; may dispatch further events. */
  readonly perform: (member: Member<Attachment>, effect: WorkerEffect) => void;
  /** Something that the scheduler decides by has changed. */
  readonly onChange: () => void;
}

interface Timed {
  cancel: CancelTimer;
  atMs: number;
}

/** All workers: takes events in, one at a time per worker, performs what follows, and wakes each worker when it is due. */
export class Fleet<Attachment> {
  readonly #context: FleetContext<Attachment>;
  readonly #members = new Map<InstanceId, Member<Attachment>>();
  readonly #timers = new Map<InstanceId, Timed>();
  readonly #effects: (readonly [Member<Attachment>, WorkerEffect])[] = [];
  #performing = false;
  #stopped = false;
  #views: readonly WorkerView[] | undefined = [];
  #unknownWorkers: number | undefined = 0;

  constructor(context: FleetContext<Attachment>) {
    this.#context = context;
  }

  get size(): number {
    return this.#members.size;
  }

  members(): IterableIterator<Member<Attachment>> {
    return this.#members.values();
  }

  get(id: InstanceId): Member<Attachment> | undefined {
    return this.#members.get(id);
  }

  /** All views; the same array while none has changed. */
  views(): readonly WorkerView[] {
    this.#views ??= Array.from(this.#members.values(), (member) => member.view);
    return this.#views;
  }

  /** Workers whose containers are not known yet. */
  unknownWorkers(): number {
    if (this.#unknownWorkers === undefined) {
      let count = 0;
      for (const { worker } of this.#members.values()) if (worker.found && !worker.statusSeen) count += 1;
      this.#unknownWorkers = count;
    }
    return this.#unknownWorkers;
  }

  /** Takes a new worker in and gives it its first turn. */
  add(worker: Worker, attachment: Attachment): void {
    this.#members.set(worker.instance.id, { worker, view: workerView(worker, undefined), attachment });
    this.#views = undefined;
    this.#unknownWorkers = undefined;
    this.#context.onChange();
    this.dispatch(worker.instance.id, { type: 'seen', instance: worker.instance, tags: true });
  }

  /**
   * Lets something happen to a worker. Its state has changed when this returns; effects follow at once, unless this was
   * called while effects are being performed: then they are performed in their turn, soon.
   */
  dispatch(id: InstanceId, event: WorkerEvent): PoolOutcome {
    const member = this.#members.get(id);
    if (member === undefined || this.#stopped) return { kind: 'declined', reason: 'not-found' };
    const before = member.worker;
    const next = transition(before, event, this.now(), this.#context.options);
    member.worker = next.worker;
    if (next.worker !== before) this.#changed(member, before);
    for (const observed of next.events) this.#context.observe(observed);
    for (const effect of next.effects) this.#effects.push([member, effect]);
    if (next.worker.gone) this.#remove(id);
    else this.#arm(id, next.worker);
    this.#performAll();
    return next.outcome;
  }

  now(): Moment {
    const { clock } = this.#context;
    return { ms: clock.monotonicMs(), wallMs: clock.wallMs() };
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#stopped = true;
    for (const timed of this.#timers.values()) timed.cancel();
    this.#timers.clear();
    this.#effects.length = 0;
  }

  #changed(member: Member<Attachment>, before: Worker): void {
    const { worker } = member;
    const view = workerView(worker, member.view);
    const known = before.statusSeen !== worker.statusSeen || before.state !== worker.state;
    if (known) this.#unknownWorkers = undefined;
    if (view !== member.view) {
      member.view = view;
      this.#views = undefined;
    } else if (!known && isStartable(before) === isStartable(worker)) return;
    this.#context.onChange();
  }

  #remove(id: InstanceId): void {
    this.#members.delete(id);
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
    this.#views = undefined;
    this.#unknownWorkers = undefined;
    this.#context.onChange();
  }

  #arm(id: InstanceId, worker: Worker): void {
    const nowMs = this.#context.clock.monotonicMs();
    const atMs = nextDeadlineMs(worker, nowMs, this.#context.options);
    const armed = this.#timers.get(id);
    if (atMs === Number.POSITIVE_INFINITY) return;
    // A timer that is too early costs one idle turn; arming anew for each event would cost more.
    if (armed !== undefined && armed.atMs <= atMs) return;
    armed?.cancel();
    const cancel = this.#context.clock.timer(atMs - nowMs, () => {
      this.#timers.delete(id);
      this.dispatch(id, { type: 'tick' });
    });
    this.#timers.set(id, { cancel, atMs });
  }

  #performAll(): void {
    if (this.#performing) return;
    this.#performing = true;
    try {
      for (let index = 0; index < this.#effects.length; index += 1) {
        const next = this.#effects[index];
        if (next !== undefined) this.#context.perform(...next);
      }
    } finally {
      this.#effects.length = 0;
      this.#performing = false;
    }
  }
}
