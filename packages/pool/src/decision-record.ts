import type { BehaviorDecision, Clock, InstanceId } from '@drover/spec';
import type { Fleet } from './fleet.ts';
import type { KnownInstances } from './known-instances.ts';
import type { WorkerConnection } from './worker-connection.ts';

const retryMs = 5_000;

/** What a record of decisions is kept with. */
export interface DecisionRecordContext {
  readonly known: KnownInstances;
  /** What is in effect for its workers. */
  readonly fleet: Fleet<WorkerConnection>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Puts decisions about VMs on record. After a write of which nobody knows whether it landed, it sees to it that the store has what
 * is in effect: else the next dispatcher would find what this one refused, or miss what it did.
 */
export class DecisionRecord {
  readonly #context: DecisionRecordContext;
  readonly #doubtful = new Set<InstanceId>();

  constructor(context: DecisionRecordContext) {
    this.#context = context;
  }

  /** Durable when it resolves. Rejects with the store's error; what is in effect goes on record as soon as the store takes it. */
  async write(id: InstanceId, decision: BehaviorDecision): Promise<void> {
    try {
      await this.#context.known.decide(id, () => decision);
    } catch (error) {
      this.#putRight(id).catch(() => undefined);
      throw error;
    }
  }

  /** Resolves when the store is known to have what is in effect, or the VM is gone; rejects when the pool is stopped. */
  async #putRight(id: InstanceId): Promise<void> {
    const { known, clock, signal } = this.#context;
    if (this.#doubtful.has(id)) return;
    this.#doubtful.add(id);
    try {
      for (let isRight = false; !isRight;) {
        await clock.sleep(retryMs, { signal });
        isRight = await known
          .decide(id, () => this.#inEffect(id))
          .then(
            () => true,
            () => false,
          );
      }
    } finally {
      this.#doubtful.delete(id);
    }
  }

  /** Undefined: it is gone. */
  #inEffect(id: InstanceId): BehaviorDecision | undefined {
    const worker = this.#context.fleet.get(id)?.worker;
    return worker === undefined ? undefined : { behavior: worker.idleBehavior, ...worker.decision };
  }
}
