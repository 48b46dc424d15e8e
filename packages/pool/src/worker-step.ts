import type { BootOutcome, DispatchEvent, PoolOutcome, WorkerState } from '@drover/spec';
import type { Moment } from './moment.ts';
import type { PoolOptions } from './pool-options.ts';
import type { Worker } from './worker.ts';
import type { Transition, WorkerEffect } from './worker-protocol.ts';

/** One transition in the making: the parts of it share this and nothing else. Lives within one call of `transition`. */
export class WorkerStep {
  worker: Worker;
  outcome: PoolOutcome = { kind: 'done' };
  readonly now: Moment;
  readonly options: PoolOptions;
  readonly #effects: WorkerEffect[] = [];
  readonly #events: DispatchEvent[] = [];

  constructor(worker: Worker, now: Moment, options: PoolOptions) {
    this.worker = worker;
    this.now = now;
    this.options = options;
  }

  set(changes: Partial<Worker>): void {
    this.worker = { ...this.worker, ...changes };
  }

  effect(effect: WorkerEffect): void {
    this.#effects.push(effect);
  }

  event(event: DispatchEvent): void {
    this.#events.push(event);
  }

  /** Moves to a state and says so. */
  setState(state: WorkerState, reason: string): void {
    const { worker } = this;
    if (worker.state === state) return;
    this.event({
      type: 'instance-state',
      instanceId: worker.instance.id,
      instanceType: worker.type.name,
      from: worker.state,
      to: state,
      reason,
    });
    this.set({ state });
  }

  /** Records how booting ended; only the first time counts. */
  setOutcome(outcome: BootOutcome, reason: string): void {
    const { worker } = this;
    if (worker.outcome !== undefined) return;
    this.event({ type: 'boot-outcome', instanceId: worker.instance.id, outcome, reason });
    this.set({ outcome });
  }

  finish(): Transition {
    return { worker: this.worker, effects: this.#effects, events: this.#events, outcome: this.outcome };
  }
}
