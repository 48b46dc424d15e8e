import { decide, defaultClusterId, defaultQueueLimits, queueInUse, toRecord } from '@drover/queue-rules';
import {
  type BehaviorDecision,
  type ContainerEvent,
  type ContainerRecord,
  type ContainerUuid,
  type CreateIntent,
  DroverError,
  type HostKeys,
  type InstanceId,
  type Unsubscribe,
} from '@drover/spec';
import { MemoryConnection } from './memory-connection.ts';
import { MemoryContainers } from './memory-containers.ts';
import type { MemoryQueueOptions } from './memory-queue-options.ts';
import { PlannedQueueFaults } from './queue-faults.ts';

/**
 * A queue of ours in memory, for simulation and tests: the database that outlives the dispatchers connecting to it. It
 * follows the same rules as the real ones. Each incarnation of a dispatcher takes a connection of its own from `open`.
 */
export class MemoryQueue {
  /** Faults laid out by hand. */
  readonly faults = new PlannedQueueFaults();
  readonly options: MemoryQueueOptions;
  /** The tables, for connections and for checks between two steps of a simulation. */
  readonly containers: MemoryContainers;
  readonly pins = new Map<InstanceId, HostKeys>();
  readonly behaviors = new Map<InstanceId, BehaviorDecision>();
  readonly intents = new Map<string, CreateIntent>();
  readonly #listeners = new Set<(event: ContainerEvent) => void>();
  readonly #pinListeners = new Set<(id: InstanceId, keys: HostKeys) => void>();
  readonly #wakes = new Set<() => void>();
  #epoch = 0;
  #leader: { readonly epoch: number; readonly lost: (why: Error) => void } | undefined;

  constructor(options: MemoryQueueOptions) {
    this.options = options;
    this.containers = new MemoryContainers(
      options,
      {
        clusterId: options.clusterId ?? defaultClusterId,
        limits: { ...defaultQueueLimits, ...options.limits },
        rules: options.rules ?? decide,
      },
      (event) => this.#tell(event),
    );
  }

  /** A connection of one incarnation; its ports are a ContainerQueue, a ContainerStore and a StateStore. */
  open(): MemoryConnection {
    return new MemoryConnection(this);
  }

  /** Everything recorded about one container, at once and without faults. Throws ContainerNotFoundError. */
  record(uuid: ContainerUuid): ContainerRecord {
    const { facts, spec, submittedAtMs, attempts } = this.containers.find(uuid);
    return toRecord(facts, { spec, submittedAtMs }, [...attempts.values()]);
  }

  /** Calls back at every commit, with its event, synchronously: for invariants. */
  onEvent(listener: (event: ContainerEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back when pins of a VM are stored, synchronously: for invariants. */
  onPin(listener: (id: InstanceId, keys: HostKeys) => void): Unsubscribe {
    this.#pinListeners.add(listener);
    return () => this.#pinListeners.delete(listener);
  }

  /** Stores the host keys of a VM. */
  setPin(id: InstanceId, keys: HostKeys): void {
    this.pins.set(id, [...keys]);
    for (const listener of this.#pinListeners) listener(id, keys);
  }

  onWake(listener: () => void): Unsubscribe {
    this.#wakes.add(listener);
    return () => this.#wakes.delete(listener);
  }

  /** The present leader's epoch; undefined when nobody leads. */
  get leadingEpoch(): number | undefined {
    return this.#leader?.epoch;
  }

  /** Makes the caller the leader under a new epoch. @throws DroverError QUEUE_IN_USE */
  takeLead(lost: (why: Error) => void): number {
    if (this.#leader !== undefined) throw queueInUse(`the dispatcher of epoch ${this.#leader.epoch}`);
    this.#epoch += 1;
    this.#leader = { epoch: this.#epoch, lost };
    return this.#epoch;
  }

  /** Gives the lead of this epoch up, if it is still held. */
  releaseLead(epoch: number): void {
    if (this.#leader?.epoch === epoch) this.#leader = undefined;
  }

  /** Takes the lead from whoever has it, as a lost database session would. */
  loseLeadership(): void {
    const leader = this.#leader;
    this.#leader = undefined;
    leader?.lost(new DroverError('QUEUE_IN_USE', `leadership of epoch ${leader.epoch} was lost`));
  }

  #tell(event: ContainerEvent): void {
    for (const listener of this.#listeners) listener(event);
    for (const wake of this.#wakes) wake();
  }
}
