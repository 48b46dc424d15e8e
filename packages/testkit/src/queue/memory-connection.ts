import { notLeading } from '@drover/queue-rules';
import {
  type ContainerQueue,
  type ContainerStore,
  type Leadership,
  type StateStore,
  type Unsubscribe,
} from '@drover/spec';
import { type DatabaseCall, FaultyCalls } from './faulty-calls.ts';
import type { MemoryQueue } from './memory-queue.ts';
import { memoryContainerQueue } from './memory-container-queue.ts';
import { memoryContainerStore } from './memory-container-store.ts';
import { memoryStateStore } from './memory-state-store.ts';

/** One call to the database. */
export interface MemoryCall<T> extends DatabaseCall {
  /** Changes containers on behalf of the dispatcher: refused when this connection has lost the lead or another leads. */
  readonly leaderOnly?: boolean;
  readonly effect: () => T;
}

/** The ports of one incarnation of a dispatcher. */
export class MemoryConnection {
  readonly queue: ContainerQueue;
  readonly store: ContainerStore;
  readonly state: StateStore;
  readonly #database: MemoryQueue;
  readonly #calls: FaultyCalls;
  #epoch: number | undefined;
  #crashed = false;

  constructor(database: MemoryQueue) {
    this.#database = database;
    const { clock, faults, latencyMs } = database.options;
    const loseLeadership = (): void => database.loseLeadership();
    this.#calls = new FaultyCalls({ clock, planned: database.faults, faults, latencyMs, loseLeadership });
    const call = <T>(request: MemoryCall<T>): Promise<T> => this.#call(request);
    const onWake = (listener: () => void): Unsubscribe =>
      database.onWake(() => {
        if (!this.#calls.isClosed) listener();
      });
    this.queue = { ...memoryContainerQueue(database, call), onWake };
    this.store = memoryContainerStore(database, call);
    this.state = memoryStateStore(database, call, () => this.#lead());
  }

  /** As `close`, but what is under way is never answered: the process that waited for it is no more. */
  crash(): void {
    this.#crashed = true;
    this.close();
  }

  /** Ends the connection: the lead is free, nothing more takes effect, calls are refused. */
  close(): void {
    this.#calls.close();
    if (this.#epoch !== undefined) this.#database.releaseLead(this.#epoch);
  }

  async #call<T>(request: MemoryCall<T>): Promise<T> {
    let answer: T;
    try {
      answer = await this.#perform(request);
    } catch (error) {
      if (!this.#crashed) throw error;
      return never();
    }
    return this.#crashed ? never() : answer;
  }

  #perform<T>(request: MemoryCall<T>): Promise<T> {
    return this.#calls.perform(request, () => {
      if (request.leaderOnly === true && !this.#mayAct()) throw notLeading(request.operation);
      return request.effect();
    });
  }

  /** Without any leader a connection that never led may act, so that small tests need no lead. */
  #mayAct(): boolean {
    return this.#database.leadingEpoch === this.#epoch;
  }

  #lead(): Leadership {
    // Leading again is no conflict with oneself: the answer to an earlier call may have been lost.
    if (this.#epoch !== undefined) this.#database.releaseLead(this.#epoch);
    const listeners = new Set<(why: Error) => void>();
    let lost: Error | undefined;
    const epoch = this.#database.takeLead((why) => {
      lost = why;
      for (const listener of listeners) listener(why);
      listeners.clear();
    });
    this.#epoch = epoch;
    return {
      epoch,
      onLost: (listener) => {
        // It may have been lost while the answer was under way.
        if (lost === undefined) listeners.add(listener);
        else listener(lost);
        return () => listeners.delete(listener);
      },
      release: () => {
        this.#database.releaseLead(epoch);
        return Promise.resolve();
      },
    };
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
