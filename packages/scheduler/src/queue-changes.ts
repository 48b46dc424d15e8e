import {
  type Clock,
  type ContainerQueue,
  type ContainerUuid,
  DroverError,
  type FinishedRun,
  type LossRecord,
  type Observe,
  type PoolView,
  type QueueEntry,
  type WorkerView,
} from '@drover/spec';
import { collectResult } from './collect-result.ts';
import { isAttemptOver } from './entry-progress.ts';
import type { Operations } from './operations.ts';
import type { OwnLocks } from './own-locks.ts';
import type { QueueCalls } from './queue-calls.ts';
import type { QueueMirror } from './queue-mirror.ts';

/** What the changes work with. */
export interface ChangePorts {
  readonly queue: ContainerQueue;
  readonly pool: Pick<PoolView, 'readLog' | 'collected'>;
  readonly clock: Clock;
  readonly observe: Observe;
  readonly mirror: QueueMirror;
  readonly operations: Operations;
  readonly calls: QueueCalls;
  readonly locks: OwnLocks;
  readonly logChunkBytes: number;
  /** The outcome of a change is unknown, or the container has moved on: read the queue again. */
  readonly onDoubt: () => void;
  /** The queue said that it is overloaded. */
  readonly onOverloaded: () => void;
}

/**
 * The changes of the queue, each an operation of its container: begun unless the container is busy, answered into the
 * mirror, and on any error the container counts as unknown until the queue has been read again. A change that could not
 * begin is decided anew by a later pass.
 */
export class QueueChanges {
  readonly #ports: ChangePorts;
  /** Starts in a row that were refused, per container. */
  readonly #refused = new Map<ContainerUuid, number>();

  constructor(ports: ChangePorts) {
    this.#ports = ports;
  }

  refusedStarts(uuid: ContainerUuid): number {
    return this.#refused.get(uuid) ?? 0;
  }

  /** Forgets what concerns a container that has left the queue. */
  forget(uuid: ContainerUuid): void {
    this.#refused.delete(uuid);
    this.#ports.operations.forget(uuid);
    this.#ports.locks.release(uuid);
  }

  lock(uuid: ContainerUuid, generation: number): void {
    const { queue, calls, locks } = this.#ports;
    this.#run('lock', uuid, async () => {
      locks.expect(uuid, generation + 1);
      try {
        const locked = await calls.call('lock', (options) => queue.lock(uuid, generation, options));
        locks.keep(locked);
        this.#answered(locked.entry);
      } catch (error) {
        // Certainly not ours: whoever holds it in that generation is somebody else.
        if (isRefusal(error)) locks.release(uuid);
        throw error;
      }
    });
  }

  /**
   * Gets what it takes to start a container that is held already, and seems to be ours. A queue that fences is asked for the very
   * same lock once more: only that proves it. Reading shows the lock of another dispatcher that leads by now just the same.
   */
  obtain(uuid: ContainerUuid, generation: number): void {
    if (this.#ports.queue.fenced) this.lock(uuid, generation - 1);
    else this.#fetch(uuid);
  }

  #fetch(uuid: ContainerUuid): void {
    const { queue, calls, locks } = this.#ports;
    this.#run('fetch', uuid, async () => {
      const held = await calls.call('fetch', (options) => queue.fetch(uuid, options));
      locks.keep(held);
      this.#answered(held.entry);
    });
  }

  /** `refused`: because a VM did not take the start. */
  unlock(entry: QueueEntry, reason: string, refused = false): void {
    const { queue, calls } = this.#ports;
    this.#run('unlock', entry.uuid, async () => {
      const answer = await calls.call('unlock', (o) => queue.unlock(entry.uuid, entry.generation, reason, o));
      if (refused) this.#refused.set(entry.uuid, this.refusedStarts(entry.uuid) + 1);
      this.#ended(answer, reason);
    });
  }

  started(entry: QueueEntry, worker: WorkerView): void {
    const { queue, calls, clock } = this.#ports;
    const { instanceId, instanceType, pricePerHour } = worker;
    const record = { instanceId, instanceType, pricePerHour, startedAtMs: clock.wallMs() };
    this.#run('started', entry.uuid, async () => {
      const answer = await calls.call('started', (o) => queue.started(entry.uuid, entry.generation, record, o));
      this.#refused.delete(entry.uuid);
      this.#ended(answer);
    });
  }

  lost(entry: QueueEntry, loss: LossRecord): void {
    const { queue, calls } = this.#ports;
    this.#run('lost', entry.uuid, async () => {
      const answer = await calls.call('lost', (o) => queue.lost(entry.uuid, entry.generation, loss, o));
      this.#refused.delete(entry.uuid);
      this.#ended(answer, loss.detail);
    });
  }

  cancel(uuid: ContainerUuid, generation: number, reason: string): void {
    const { queue, calls } = this.#ports;
    this.#run('cancel', uuid, async () => {
      const answer = await calls.call('cancel', (o) => queue.cancel(uuid, generation, reason, o));
      this.#ended(answer, reason);
    });
  }

  /** Brings a result home; the VM may delete its copy once it is durable, or once the queue refuses it as outlived. */
  collect(run: FinishedRun): void {
    const { queue, pool, calls, logChunkBytes } = this.#ports;
    const call = calls.call.bind(calls);
    this.#run('finished', run.uuid, async () => {
      try {
        if (!(await this.#isLeftOver(run))) {
          const answer = await collectResult({ queue, pool, call, logChunkBytes }, run);
          this.#refused.delete(run.uuid);
          this.#ended(answer);
        }
      } catch (error) {
        if (!isOutlived(error)) throw error;
        this.#doubt('finished', run.uuid, error);
      }
      pool.collected(run.uuid, run.generation);
    });
  }

  /** A container that is not mirrored has ended, most likely; then its logs are of no use either. */
  async #isLeftOver({ uuid, generation }: FinishedRun): Promise<boolean> {
    const { queue, calls, mirror } = this.#ports;
    if (!mirror.loaded || mirror.get(uuid) !== undefined) return false;
    const { entry } = await calls.call('fetch', (options) => queue.fetch(uuid, options));
    return isAttemptOver(entry, generation);
  }

  #run(operation: string, uuid: ContainerUuid, work: () => Promise<void>): void {
    this.#ports.operations.run(uuid, work, (error) => this.#doubt(operation, uuid, error));
  }

  /** The attempt is not ours to start any more. */
  #ended(answer: QueueEntry, detail?: string): void {
    this.#ports.locks.release(answer.uuid);
    this.#answered(answer, detail);
  }

  #answered(answer: QueueEntry, detail?: string): void {
    const { mirror, observe } = this.#ports;
    const { uuid, generation, state } = answer;
    const before = mirror.get(uuid);
    mirror.applyAnswer(answer);
    if (before?.state === state && before.generation === generation) return;
    observe({ type: 'container-state', uuid, generation, state, ...(detail === undefined ? {} : { detail }) });
  }

  #doubt(operation: string, uuid: ContainerUuid, thrown: unknown): void {
    const { mirror, observe, onDoubt, onOverloaded } = this.#ports;
    const error = thrown instanceof Error ? thrown : new Error(`${operation} failed`, { cause: thrown });
    observe({ type: 'queue-error', operation, error });
    if (isOverloaded(error)) onOverloaded();
    // A log that could not be read from a VM says nothing about the queue.
    if (DroverError.is(error) && !error.code.startsWith('QUEUE_')) return;
    mirror.suspect(uuid);
    onDoubt();
  }
}

/** The queue has said no, and nothing has happened. */
function isRefusal(error: unknown): boolean {
  return isOutlived(error) || (DroverError.is(error) && error.code === 'QUEUE_IN_USE');
}

/** The queue has moved past the generation, for good. */
function isOutlived(error: unknown): boolean {
  return DroverError.is(error) && (error.code === 'QUEUE_LOCK_CONFLICT' || error.code === 'QUEUE_CONTAINER_NOT_FOUND');
}

/** The queue asks for less. Recognised across two copies of spec in one process. */
export function isOverloaded(error: unknown): boolean {
  return (
    DroverError.is(error) && error.code === 'QUEUE_UNAVAILABLE' && 'overloaded' in error && error.overloaded === true
  );
}
