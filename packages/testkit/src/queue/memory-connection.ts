import { notLeading } from '@drover/queue-rules';
import {
  type CallOptions,
  type ContainerQueue,
  type ContainerStore,
  type ContainerUuid,
  type Leadership,
  QueueUnavailableError,
  type StateStore,
  type Unsubscribe,
} from '@drover/spec';
import type { MemoryQueue } from './memory-queue.ts';
import { memoryContainerQueue } from './memory-container-queue.ts';
import { memoryContainerStore } from './memory-container-store.ts';
import { memoryStateStore } from './memory-state-store.ts';
import type { QueueFault, QueueOperation } from './queue-faults.ts';

/** One call to the database. */
export interface MemoryCall<T> {
  readonly operation: QueueOperation;
  readonly uuid?: ContainerUuid;
  /** Changes containers on behalf of the dispatcher: refused when this connection has lost the lead or another leads. */
  readonly leaderOnly?: boolean;
  readonly options: CallOptions;
  readonly effect: () => T;
}

/** The ports of one incarnation of a dispatcher. */
export class MemoryConnection {
  readonly queue: ContainerQueue;
  readonly store: ContainerStore;
  readonly state: StateStore;
  readonly #database: MemoryQueue;
  #epoch: number | undefined;
  #closed = false;
  #crashed = false;

  constructor(database: MemoryQueue) {
    this.#database = database;
    const call = <T>(request: MemoryCall<T>): Promise<T> => this.#call(request);
    const onWake = (listener: () => void): Unsubscribe =>
      database.onWake(() => {
        if (!this.#closed) listener();
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
    this.#closed = true;
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

  async #perform<T>(request: MemoryCall<T>): Promise<T> {
    const { operation, uuid, options } = request;
    this.#checkOpen(options.signal);
    const fault = this.#database.faults.take(operation) ?? this.#database.options.faults?.(operation, uuid);
    const latencyMs = this.#latencyMs();
    if (latencyMs > 0) {
      await this.#delay(latencyMs, options.signal);
      this.#checkOpen(options.signal);
    }
    if (fault !== undefined) this.#refuse(fault, operation);
    if (request.leaderOnly === true && !this.#mayAct()) throw notLeading(operation);
    const answer = request.effect();
    if (fault === 'no-answer') await aborted(options.signal);
    if (latencyMs > 0) await this.#delay(this.#latencyMs(), options.signal);
    if (fault !== undefined) throw new QueueUnavailableError('the connection broke while the answer was awaited');
    return answer;
  }

  #refuse(fault: QueueFault, operation: QueueOperation): void {
    if (fault === 'busy') throw new QueueUnavailableError('the queue is busy', { retryAfterMs: 50 });
    if (fault === 'overloaded') throw new QueueUnavailableError('the queue is overloaded', { overloaded: true });
    if (fault !== 'lost-leadership') return;
    this.#database.loseLeadership();
    throw notLeading(operation);
  }

  /** Without any leader a connection that never led may act, so that small tests need no lead. */
  #mayAct(): boolean {
    return this.#database.leadingEpoch === this.#epoch;
  }

  #lead(): Leadership {
    // Leading again is no conflict with oneself: the answer to an earlier call may have been lost.
    if (this.#epoch !== undefined) this.#database.releaseLead(this.#epoch);
    const listeners = new Set<(why: Error) => void>();
    const epoch = this.#database.takeLead((why) => {
      for (const listener of listeners) listener(why);
      listeners.clear();
    });
    this.#epoch = epoch;
    return {
      epoch,
      onLost: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      release: () => {
        this.#database.releaseLead(epoch);
        return Promise.resolve();
      },
    };
  }

  #checkOpen(signal: AbortSignal): void {
    if (this.#closed) throw new QueueUnavailableError('the queue is closed');
    if (signal.aborted) throw gaveUp(signal);
  }

  #latencyMs(): number {
    return this.#database.options.latencyMs?.() ?? 0;
  }

  async #delay(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#database.options.clock.sleep(ms, { signal });
    } catch {
      throw gaveUp(signal);
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function gaveUp(signal: AbortSignal): QueueUnavailableError {
  return new QueueUnavailableError('the queue did not answer in time', { cause: signal.reason });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(gaveUp(signal)), { once: true });
  });
}
