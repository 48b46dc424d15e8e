import type { ContainerState, LossReason } from '@drover/spec';

/** Ways a run may end, as far as the model tells them apart. */
export type ModelEnd = 'success' | 'exit-code' | 'oom' | 'killed' | 'preempted' | 'unknown';

/** One step of a random history; `generation` is absolute by the time it is applied. */
export type ModelStep =
  | { readonly do: 'lock' | 'unlock' | 'started' | 'cancel'; readonly generation: number }
  | { readonly do: 'finished'; readonly generation: number; readonly end: ModelEnd }
  | { readonly do: 'lost'; readonly generation: number; readonly reason: LossReason }
  | { readonly do: 'priority'; readonly priority: number }
  | { readonly do: 'log'; readonly generation: number; readonly offset: number; readonly length: number };

/** What the model expects of a call. */
export type ModelOutcome = 'ok' | 'QUEUE_LOCK_CONFLICT' | 'API_CONFLICT';

/**
 * One container, written from the contract's words without a look at the rules: a bag of what landed, and counters.
 * Limits are the defaults of a real queue.
 */
export class ModelContainer {
  state: ContainerState = 'Queued';
  generation = 0;
  priority: number;
  lossesInARow = 0;
  interruptions = 0;
  readonly #prefersSpot: boolean;
  readonly #attempts: number;
  readonly #landed = new Set<string>();
  readonly #logs = new Map<number, number>();
  readonly #mostStarts: number;
  #own = 0;
  #started = 0;

  constructor(priority: number, attempts: number, prefersSpot: boolean) {
    this.priority = priority;
    this.#attempts = attempts;
    this.#mostStarts = Math.max(10, attempts);
    this.#prefersSpot = prefersSpot;
  }

  /** Another one in the same state. */
  copy(): ModelContainer {
    const copy = new ModelContainer(this.priority, this.#attempts, this.#prefersSpot);
    copy.state = this.state;
    copy.generation = this.generation;
    copy.lossesInARow = this.lossesInARow;
    copy.interruptions = this.interruptions;
    copy.#own = this.#own;
    copy.#started = this.#started;
    for (const mark of this.#landed) copy.#landed.add(mark);
    for (const [generation, bytes] of this.#logs) copy.#logs.set(generation, bytes);
    return copy;
  }

  get onDemandOnly(): boolean {
    return this.#prefersSpot && this.interruptions >= 3;
  }

  /** Bytes stored of one attempt. */
  logLength(generation: number): number {
    return this.#logs.get(generation) ?? 0;
  }

  apply(step: ModelStep): ModelOutcome {
    if (step.do === 'priority') return this.#setPriority(step.priority);
    if (step.do === 'log') return this.#log(step);
    const mark = `${step.do} ${step.generation}`;
    const isCurrent = step.generation === this.generation;
    if (step.do === 'lock') return this.#lock(step.generation);
    if (step.do === 'cancel') return this.#cancel(isCurrent);
    if (this.#landed.has(mark)) return 'ok';
    const fits = step.do === 'finished' || step.do === 'lost' ? this.#isHeld() : this.state === 'Locked';
    if (!isCurrent || !fits) return 'QUEUE_LOCK_CONFLICT';
    this.#landed.add(mark);
    if (step.do === 'finished') this.#afterRun(step.end);
    else if (step.do === 'lost') this.#afterLoss(step.reason === 'preempted');
    else if (step.do === 'unlock') this.state = this.priority > 0 ? 'Queued' : 'Cancelled';
    else {
      this.state = 'Running';
      this.#started += 1;
    }
    return 'ok';
  }

  #isHeld(): boolean {
    return this.state === 'Locked' || this.state === 'Running';
  }

  #isFinal(): boolean {
    return this.state === 'Complete' || this.state === 'Cancelled';
  }

  #lock(generation: number): ModelOutcome {
    if (this.state === 'Locked' && this.generation === generation + 1) return 'ok';
    if (this.state !== 'Queued' || this.generation !== generation || this.priority === 0) return 'QUEUE_LOCK_CONFLICT';
    this.state = 'Locked';
    this.generation += 1;
    return 'ok';
  }

  #cancel(isCurrent: boolean): ModelOutcome {
    if (!isCurrent || this.state === 'Complete') return 'QUEUE_LOCK_CONFLICT';
    this.state = 'Cancelled';
    return 'ok';
  }

  #setPriority(priority: number): ModelOutcome {
    if (this.#isFinal()) return 'API_CONFLICT';
    this.priority = priority;
    if (priority === 0 && this.state === 'Queued') this.state = 'Cancelled';
    return 'ok';
  }

  #log(step: { readonly generation: number; readonly offset: number; readonly length: number }): ModelOutcome {
    const stored = this.logLength(step.generation);
    const end = step.offset + step.length;
    if (end <= stored) return 'ok';
    if (step.offset > stored || !this.#isHeld() || step.generation !== this.generation) return 'QUEUE_LOCK_CONFLICT';
    this.#logs.set(step.generation, end);
    return 'ok';
  }

  #afterRun(end: ModelEnd): void {
    if (this.state === 'Locked') this.#started += 1;
    if (end === 'preempted' || end === 'unknown') this.#afterLoss(end === 'preempted');
    else if (end === 'killed') this.state = 'Cancelled';
    else if (
      end === 'exit-code' &&
      this.priority > 0 &&
      this.#own + 1 < this.#attempts &&
      this.#started < this.#mostStarts
    ) {
      this.#own += 1;
      this.lossesInARow = 0;
      this.state = 'Queued';
    } else this.state = 'Complete';
  }

  #afterLoss(isInterruption: boolean): void {
    this.lossesInARow += 1;
    if (isInterruption) this.interruptions += 1;
    const isEnough = this.priority === 0 || this.lossesInARow >= 5 || this.#started >= this.#mostStarts;
    this.state = isEnough ? 'Cancelled' : 'Queued';
  }
}
