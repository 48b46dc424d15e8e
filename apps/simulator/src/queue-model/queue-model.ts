import type { ContainerEvent, ContainerUuid, QueueEntry, QueueUpdate } from '@drover/spec';
import { ModelContainer, type ModelOutcome, type ModelStep } from '@drover/testkit';
import type { Invariant } from '../invariants/invariant.ts';
import type { PortAnswer, PortCall } from '../port-call.ts';
import { isEntry, isUpdate, stepOf } from './read-calls.ts';

/** A call that has not been answered, and what it may be answered. */
interface OpenCall {
  readonly call: PortCall;
  readonly step: ModelStep;
  /** What the model would have said at each moment since it began. */
  readonly outcomes: Set<ModelOutcome>;
  /** What the container was in these moments. */
  readonly seen: Set<string>;
}

interface ModelledContainer {
  model: ModelContainer;
  readonly open: Set<OpenCall>;
}

/** What each step is called when it lands. A call that only repeats what is so never lands as another one's event. */
const kindsOf: Readonly<Record<ModelStep['do'], readonly ContainerEvent['kind'][]>> = {
  lock: ['locked'],
  unlock: ['unlocked'],
  started: ['started'],
  finished: ['finished'],
  lost: ['lost'],
  cancel: ['cancelled'],
  priority: ['priority', 'cancelled'],
  log: [],
};

/** What the model must know of a container when it is submitted. */
export interface SubmittedContainer {
  readonly priority: number;
  readonly attempts: number;
  readonly prefersSpot: boolean;
}

/**
 * A queue written from the contract's words alone, beside the real one: it hears every call and every commit, says of each commit
 * which of the calls under way can have caused it, and of each answer whether it could be right at some moment between question
 * and answer. A call of which nothing is known in the end may have taken effect or not; a commit shows which.
 */
export class QueueModel implements Invariant {
  readonly number = 0;
  readonly rule = 'the queue answers as its model says';
  readonly #submitted: (uuid: ContainerUuid) => SubmittedContainer;
  readonly #containers = new Map<ContainerUuid, ModelledContainer>();
  readonly #calls = new Map<PortCall, OpenCall>();
  readonly #polls = new Map<PortCall, { readonly version: number; readonly seen: Map<ContainerUuid, Set<string>> }>();
  /** Containers in the order of their changes. */
  readonly #changes: ContainerUuid[] = [];
  /** How many changes there had been when a poll was answered with this cursor, by dispatcher. */
  readonly #cursors = new Map<string, number>();
  #judged = 0;

  constructor(submitted: (uuid: ContainerUuid) => SubmittedContainer) {
    this.#submitted = submitted;
  }

  /** Answers that were compared with the model. */
  get judged(): number {
    return this.#judged;
  }

  onCall(call: PortCall): undefined {
    if (call.port !== 'queue') return;
    if (call.operation === 'poll') {
      this.#polls.set(call, { version: this.#changes.length, seen: new Map() });
      return;
    }
    const container = this.#containers.get(call.subject);
    const step = stepOf(call);
    if (container === undefined || step === undefined) return;
    const open = { call, step, outcomes: new Set<ModelOutcome>(), seen: new Set<string>() };
    look(open, container.model);
    container.open.add(open);
    this.#calls.set(call, open);
  }

  onQueueEvent(event: ContainerEvent): string | undefined {
    const { uuid, kind, state, generation } = event;
    this.#changes.push(uuid);
    if (kind === 'submitted') {
      const { priority, attempts, prefersSpot } = this.#submitted(uuid);
      this.#containers.set(uuid, { model: new ModelContainer(priority, attempts, prefersSpot), open: new Set() });
      return undefined;
    }
    const container = this.#containers.get(uuid);
    if (container === undefined) return `${uuid} is unknown to the model, and came ${kind}`;
    const before = signature(container.model);
    for (const { step } of container.open) {
      if (!kindsOf[step.do].includes(kind)) continue;
      const next = container.model.copy();
      if (next.apply(step) !== 'ok' || next.state !== state || next.generation !== generation) continue;
      // What was so before is a repeat, and makes no event.
      if (signature(next) === before) continue;
      container.model = next;
      for (const open of container.open) look(open, next);
      for (const { seen } of this.#polls.values()) remember(seen, uuid, before);
      return undefined;
    }
    const asked = [...container.open].map(({ step }) => JSON.stringify(step)).join(' ');
    return `${uuid} was ${before}, and came ${kind} → ${state}/${generation}, for which nobody has asked: ${asked}`;
  }

  onAnswer(call: PortCall, answer: PortAnswer): string | undefined {
    if (call.port !== 'queue') return undefined;
    if (call.operation === 'poll') return this.#polled(call, answer);
    const open = this.#calls.get(call);
    if (open === undefined) return undefined;
    this.#calls.delete(call);
    this.#containers.get(call.subject)?.open.delete(open);
    return this.#judge(open, answer);
  }

  #judge({ call, outcomes, seen }: OpenCall, answer: PortAnswer): string | undefined {
    const said = answer.ok ? 'ok' : codeOf(answer.error);
    // Nobody knows, or the lead was lost: says nothing about the container.
    if (said === 'QUEUE_UNAVAILABLE' || said === 'QUEUE_IN_USE') return undefined;
    this.#judged += 1;
    const { operation, subject } = call;
    if (![...outcomes].some((outcome) => outcome === said))
      return `${operation} of ${subject} was answered ${said}; the model says ${[...outcomes].join(' or ')}`;
    const entry = answer.ok ? entryIn(answer.value) : undefined;
    if (entry === undefined || seen.has(signature(entry))) return undefined;
    return `${operation} of ${subject} was answered with ${signature(entry)}; it was ${[...seen].join(' or ')}`;
  }

  #polled(call: PortCall, answer: PortAnswer): string | undefined {
    const poll = this.#polls.get(call);
    this.#polls.delete(call);
    if (poll === undefined || !answer.ok || !isUpdate(answer.value)) return undefined;
    this.#judged += 1;
    const update = answer.value;
    for (const entry of update.entries) {
      const model = this.#containers.get(entry.uuid)?.model;
      const now = model === undefined ? 'unknown' : signature(model);
      const said = signature(entry);
      if (said !== now && poll.seen.get(entry.uuid)?.has(said) !== true)
        return `a poll shows ${entry.uuid} as ${said}, and it is ${now}`;
    }
    const missing = this.#missingFrom(update, call, poll.version);
    this.#cursors.set(`${call.dispatcher} ${update.cursor}`, this.#changes.length);
    return missing === undefined ? undefined : `a poll does not show ${missing}, which it should`;
  }

  /** Something that was unfinished, or changed since the last poll, before this one began, and is not shown. */
  #missingFrom(update: QueueUpdate, call: PortCall, begunAt: number): ContainerUuid | undefined {
    const shown = new Set(update.entries.map(({ uuid }) => uuid));
    const since = this.#cursors.get(`${call.dispatcher} ${String(call.request)}`);
    if (!update.complete && since === undefined) return undefined;
    const due = update.complete
      ? new Set(this.#changes.slice(0, begunAt))
      : new Set(this.#changes.slice(since, begunAt));
    for (const uuid of due) {
      const isOver = update.complete && isFinal(this.#containers.get(uuid)?.model);
      if (!shown.has(uuid) && !isOver) return uuid;
    }
    return undefined;
  }
}

function look(open: OpenCall, model: ModelContainer): void {
  const then = model.copy();
  open.outcomes.add(then.apply(open.step));
  open.seen.add(signature(then));
  open.seen.add(signature(model));
}

function remember(seen: Map<ContainerUuid, Set<string>>, uuid: ContainerUuid, signed: string): void {
  seen.set(uuid, (seen.get(uuid) ?? new Set<string>()).add(signed));
}

function signature({ state, generation, priority }: Pick<QueueEntry, 'state' | 'generation' | 'priority'>): string {
  return `${state}/${generation} at priority ${priority}`;
}

function isFinal(model: ModelContainer | undefined): boolean {
  return model?.state === 'Complete' || model?.state === 'Cancelled';
}

function entryIn(value: unknown): QueueEntry | undefined {
  if (isEntry(value)) return value;
  const inside = typeof value === 'object' && value !== null && 'entry' in value ? value.entry : undefined;
  return isEntry(inside) ? inside : undefined;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
