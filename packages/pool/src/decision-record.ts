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
  write(id: InstanceId, decision: BehaviorDecision): Promise<void> {
    return this.#write(id, () => decision);
  }

  async #write(id: InstanceId, decided: () => BehaviorDecision | undefined): Promise<void> {
    try {
      await this.#context.known.decide(id, decided);
    } catch (error) {
      this.#putRight(id).catch(() => undefined);
      throw error;
    }
  }

  /** Soon, and again until the store is known to have what is in effect, the VM is gone, or the pool is stopped. */
  async #putRight(id: InstanceId): Promise<void> {
    if (this.#doubtful.has(id)) return;
    this.#doubtful.add(id);
    const { clock, signal } = this.#context;
    await clock.sleep(retryMs, { signal });
    // From here on another failure is another doubt.
    this.#doubtful.delete(id);
    await this.#write(id, () => this.#inEffect(id));
  }

  /** Undefined: it is gone. */
  #inEffect(id: InstanceId): BehaviorDecision | undefined {
    const worker = this.#context.fleet.get(id)?.worker;
    return worker === undefined ? undefined : { behavior: worker.idleBehavior, ...worker.decision };
  }
}
