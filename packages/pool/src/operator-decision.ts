import { type IdleBehavior, type InstanceId, type PoolOutcome, QueueUnavailableError } from '@drover/spec';
import { nextDecision } from './behavior-decision.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { Fleet } from './fleet.ts';
import type { WorkerConnection } from './worker-connection.ts';

/** What an operator's decision goes through. */
export interface DecisionContext {
  readonly fleet: Fleet<WorkerConnection>;
  /** Undefined until the store has been read. */
  readonly record: DecisionRecord | undefined;
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
 * store's error; what is in effect then, nearly always what was before, goes on record again as soon as the store works. Only a
 * dispatcher that dies before that may leave the decision to the next one.
 */
export async function decideForOperator(
  { fleet, record, signal }: DecisionContext,
  { id, behavior, reason }: BehaviorWish,
): Promise<PoolOutcome> {
  const worker = fleet.get(id)?.worker;
  if (record === undefined || worker === undefined) return { kind: 'declined', reason: 'not-found' };
  if (worker.state === 'shutdown') return { kind: 'declined', reason: 'busy' };
  await record.write(id, { behavior, ...nextDecision(worker.decision, worker.epoch) });
  if (signal.aborted) throw new QueueUnavailableError('the dispatcher is stopping; ask the next one');
  const outcome = fleet.dispatch(id, { type: 'set-behavior', behavior, reason });
  const decided = fleet.get(id)?.worker;
  // The pool may have decided something itself in between, and then this decision has another number than it was recorded with; or
  // the VM began to go, and what was refused must not be found on record: a hold would keep the VM for ever.
  if (decided !== undefined) await record.write(id, { behavior: decided.idleBehavior, ...decided.decision });
  return outcome;
}
