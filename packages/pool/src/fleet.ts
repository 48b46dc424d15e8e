import type { CancelTimer, Clock, InstanceId, Observe, PoolOutcome, WorkerView } from '@drover/spec';
import type { Moment } from './moment.ts';
import type { PoolOptions } from './pool-options.ts';
import { isStartable, type Worker } from './worker.ts';
import { nextDeadlineMs } from './worker-deadline.ts';
import type { WorkerEffect, WorkerEvent } from './worker-protocol.ts';
import { transition } from './worker-transition.ts';
import { showsAlike, workerView } from './worker-view.ts';

interface Timed {
  readonly cancel: CancelTimer;
  readonly atMs: number;
}

/** One worker with what belongs to it outside the pure core. */
export interface Member<Attachment> {
  worker: Worker;
  view: WorkerView;
  /** Index in the list of views. */
  place: number;
  /** Wakes it when it is due. */
  timed: Timed | undefined;
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

/** All workers: takes events in, one at a time per worker, performs what follows, and wakes each worker when it is due. */
export class Fleet<Attachment> {
  readonly #context: FleetContext<Attachment>;
  readonly #members = new Map<InstanceId, Member<Attachment>>();
  readonly #effects: (readonly [Member<Attachment>, WorkerEffect])[] = [];
  /** By place: whoever compares two lists of views finds nearly all of them where they were. */
  readonly #places: Member<Attachment>[] = [];
  readonly #present: WorkerView[] = [];
  #performing = false;
  #stopped = false;
  #views: readonly WorkerView[] | undefined = [];
  #unknownWorkers = 0;

  constructor(context: FleetContext<Attachment>) {
    this.#context = context;
  }

  get size(): number {
    return this.#members.size;
  }

  members(): MapIterator<Member<Attachment>> {
    return this.#members.values();
  }

  get(id: InstanceId): Member<Attachment> | undefined {
    return this.#members.get(id);
  }

  /** All views; the same array while none has changed. */
  views(): readonly WorkerView[] {
    this.#views ??= this.#present.slice();
    return this.#views;
  }

  /** Workers whose containers are not known yet. */
  unknownWorkers(): number {
    return this.#unknownWorkers;
  }

  /** Takes a new worker in and gives it its first turn. */
  add(worker: Worker, attachment: Attachment): void {
    const view = workerView(worker, undefined);
    const member = { worker, view, attachment, place: this.#places.length, timed: undefined };
    this.#members.set(worker.instance.id, member);
    this.#places.push(member);
    this.#present.push(view);
    this.#views = undefined;
    if (isUnknown(worker)) this.#unknownWorkers += 1;
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
    if (next.worker.gone) this.#remove(member);
    else this.#arm(member);
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
    for (const member of this.#places) disarm(member);
    this.#effects.length = 0;
  }

  #changed(member: Member<Attachment>, before: Worker): void {
    const { worker } = member;
    const view = showsAlike(before, worker) ? member.view : workerView(worker, member.view);
    const known = before.statusSeen !== worker.statusSeen || before.state !== worker.state;
    this.#unknownWorkers += Number(isUnknown(worker)) - Number(isUnknown(before));
    if (view !== member.view) {
      member.view = view;
      this.#present[member.place] = view;
      this.#views = undefined;
    } else if (!known && isStartable(before) === isStartable(worker)) return;
    this.#context.onChange();
  }

  #remove(member: Member<Attachment>): void {
    const { worker } = member;
    this.#members.delete(worker.instance.id);
    disarm(member);
    this.#vacate(member.place);
    if (isUnknown(worker)) this.#unknownWorkers -= 1;
    this.#context.onChange();
  }

  /** The last one takes the place. */
  #vacate(place: number): void {
    const last = this.#places.pop();
    this.#present.pop();
    this.#views = undefined;
    if (last === undefined || last.place === place) return;
    last.place = place;
    this.#places[place] = last;
    this.#present[place] = last.view;
  }

  #arm(member: Member<Attachment>): void {
    const { clock, options } = this.#context;
    const nowMs = clock.monotonicMs();
    const atMs = nextDeadlineMs(member.worker, nowMs, options);
    if (atMs === Number.POSITIVE_INFINITY) return;
    // A timer that is too early costs one idle turn; arming anew for each event would cost more.
    if (member.timed !== undefined && member.timed.atMs <= atMs) return;
    member.timed?.cancel();
    const cancel = clock.timer(atMs - nowMs, () => {
      member.timed = undefined;
      this.dispatch(member.worker.instance.id, { type: 'tick' });
    });
    member.timed = { cancel, atMs };
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

function disarm(member: Member<unknown>): void {
  member.timed?.cancel();
  member.timed = undefined;
}

/** What runs on it is not known yet. */
function isUnknown({ found, statusSeen }: Worker): boolean {
  return found && !statusSeen;
}
