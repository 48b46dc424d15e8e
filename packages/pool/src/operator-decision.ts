import { type IdleBehavior, type InstanceId, type PoolOutcome, QueueUnavailableError } from '@drover/spec';
import { nextDecision } from './behavior-decision.ts';
import type { Fleet } from './fleet.ts';
import type { KnownInstances } from './known-instances.ts';
import type { WorkerConnection } from './worker-connection.ts';

/** What an operator's decision goes through. */
export interface DecisionContext {
  readonly fleet: Fleet<WorkerConnection>;
  /** Undefined until the store has been read. */
  readonly known: KnownInstances | undefined;
  readonly signal: AbortSignal;
}

/** A wish for one VM. */
export interface BehaviorWish {
  readonly id: InstanceId;
  readonly behavior: IdleBehavior;
  readonly reason: string;
}

/**
 * On record first, then in effect: whoever is told that it was done can rely on every later dispatcher knowing it. Rejects with the
 * store's error; then nobody knows whether it is on record, and the next dispatcher may find it decided.
 */
export async function decideForOperator(
  { fleet, known, signal }: DecisionContext,
  { id, behavior, reason }: BehaviorWish,
): Promise<PoolOutcome> {
  const worker = fleet.get(id)?.worker;
  if (known === undefined || worker === undefined) return { kind: 'declined', reason: 'not-found' };
  if (worker.state === 'shutdown') return { kind: 'declined', reason: 'busy' };
  await known.decide(id, { behavior, ...nextDecision(worker.decision, worker.epoch) });
  if (signal.aborted) throw new QueueUnavailableError('the dispatcher is stopping; ask the next one');
  const outcome = fleet.dispatch(id, { type: 'set-behavior', behavior, reason });
  const decided = fleet.get(id)?.worker;
  // The pool may have decided something itself in between, and then this decision has another number than it was recorded with; or
  // the VM began to go, and what was refused must not be found on record: a hold would keep the VM for ever.
  if (decided !== undefined) await known.decide(id, { behavior: decided.idleBehavior, ...decided.decision });
  return outcome;
}
