import type { PoolAction, PoolView } from '@drover/spec';
import type { OwnLocks } from './own-locks.ts';
import type { QueueChanges } from './queue-changes.ts';
import type { QueueMirror } from './queue-mirror.ts';
import type { Judgement } from './reconcile-types.ts';

/** What judgements are carried out with. */
export interface JudgementPorts {
  readonly pool: Pick<PoolView, 'apply' | 'collected' | 'forget'>;
  readonly changes: QueueChanges;
  readonly mirror: QueueMirror;
  readonly locks: OwnLocks;
}

/** Begins every change that `reconcile` asks for. Each is decided anew by a later pass until it has taken effect. */
export function performJudgements(ports: JudgementPorts, judgements: readonly Judgement[]): void {
  const kills: PoolAction[] = [];
  for (const judgement of judgements)
    if (judgement.kind === 'kill') kills.push(judgement);
    else perform(ports, judgement);
  if (kills.length > 0) ports.pool.apply(kills);
}

function perform(ports: JudgementPorts, judgement: Exclude<Judgement, { readonly kind: 'kill' }>): void {
  const { pool, changes, mirror, locks } = ports;
  switch (judgement.kind) {
    case 'collect':
      return changes.collect(judgement.run);
    case 'discard':
      return pool.collected(judgement.run.uuid, judgement.run.generation);
    case 'forget':
      return pool.forget(judgement.run.uuid, judgement.run.generation);
    case 'started':
      return changes.started(judgement.entry, judgement.worker);
    case 'lost':
      return changes.lost(judgement.entry, judgement.loss);
    case 'unlock':
      return changes.unlock(judgement.entry, judgement.reason, judgement.refused);
    case 'cancel':
      return changes.cancel(judgement.entry.uuid, judgement.entry.generation, judgement.reason);
    case 'adopt':
      return locks.expect(judgement.entry.uuid, judgement.entry.generation);
    case 'drop':
      changes.forget(judgement.uuid);
      return mirror.drop(judgement.uuid);
    default:
      return assertNever(judgement);
  }
}

function assertNever(judgement: never): never {
  throw new Error(`unknown judgement ${JSON.stringify(judgement)}`);
}
