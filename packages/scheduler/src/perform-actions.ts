import type { PoolAction, PoolView } from '@drover/spec';
import type { OwnLocks } from './own-locks.ts';
import type { PlanAction } from './plan-types.ts';
import type { QueueChanges } from './queue-changes.ts';
import type { QueueMirror } from './queue-mirror.ts';

/** What planned actions are carried out with. */
export interface ActionPorts {
  readonly pool: Pick<PoolView, 'apply'>;
  readonly changes: QueueChanges;
  readonly mirror: QueueMirror;
  readonly locks: OwnLocks;
}

const unlockReasons = {
  'over-quota': 'no instance can be had for it now',
  'supervisor-limit': 'as many supervisors as allowed run already',
} as const;

/** Begins every planned action, in order. False: the pool did not take one as the world had changed; plan again soon. */
export function performActions(ports: ActionPorts, actions: readonly PlanAction[]): boolean {
  const poolActions: PoolAction[] = [];
  for (const action of actions) {
    const poolAction = beginAction(ports, action);
    if (poolAction !== undefined) poolActions.push(poolAction);
  }
  if (poolActions.length === 0) return true;
  const outcomes = ports.pool.apply(poolActions);
  // A declined create waits for the pool to say that something changed.
  return outcomes.every((outcome, index) => outcome.kind === 'done' || poolActions[index]?.kind === 'create');
}

function beginAction(ports: ActionPorts, action: PlanAction): PoolAction | undefined {
  const { changes, mirror, locks } = ports;
  switch (action.kind) {
    case 'lock':
      changes.lock(action.uuid, action.generation);
      return undefined;
    case 'unlock': {
      const entry = mirror.get(action.uuid);
      if (entry !== undefined) changes.unlock(entry, unlockReasons[action.reason]);
      return undefined;
    }
    case 'reject':
      changes.cancel(action.uuid, action.generation, action.message);
      return undefined;
    case 'start': {
      const container = locks.container(action.uuid, action.generation);
      if (container !== undefined) return { kind: 'start', instanceId: action.instanceId, container };
      changes.obtain(action.uuid, action.generation);
      return undefined;
    }
    case 'kill':
    case 'create':
    case 'shutdown':
      return action;
    default:
      return assertNever(action);
  }
}

function assertNever(action: never): never {
  throw new Error(`unknown action ${JSON.stringify(action)}`);
}
