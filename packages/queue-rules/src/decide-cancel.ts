import { DroverError } from '@drover/spec';
import type { CommandOf } from './command.ts';
import type { Situation } from './situation.ts';
import { isFinal, isHeld, type Verdict } from './facts.ts';
import { refuse } from './refuse.ts';

/** Queued, Locked or Running → Cancelled. */
export function decideCancel(command: CommandOf<'cancel'>, { facts, attempt, atMs }: Situation): Verdict {
  if (facts.state === 'Cancelled' && facts.generation === command.generation) return { kind: 'repeat' };
  if (isFinal(facts.state) || facts.generation !== command.generation) return refuse(command, facts);
  const { reason } = command;
  return {
    kind: 'change',
    facts: { ...facts, state: 'Cancelled', cancelReason: reason, finishedAtMs: atMs },
    attempt:
      attempt !== undefined && isHeld(facts.state)
        ? { ...attempt, endedAtMs: atMs, outcome: 'cancelled', detail: reason }
        : undefined,
    event: { kind: 'cancelled', detail: reason },
  };
}

/** Sets the priority; 0 cancels what is Queued at once, and the rest once its workload is gone. Needs no generation. */
export function decidePriority(command: CommandOf<'priority'>, { facts, atMs }: Situation): Verdict {
  const { priority, reason } = command;
  if (isFinal(facts.state))
    return {
      kind: 'refused',
      error: new DroverError(
        'API_CONFLICT',
        `container ${facts.uuid} is ${facts.state} already; ${priority === 0 ? 'there is nothing to cancel' : 'its priority cannot change'}`,
      ),
    };
  if (priority === 0 && facts.state === 'Queued')
    return {
      kind: 'change',
      facts: { ...facts, priority, state: 'Cancelled', cancelReason: reason, finishedAtMs: atMs },
      attempt: undefined,
      event: { kind: 'cancelled', detail: reason },
    };
  if (priority === facts.priority) return { kind: 'repeat' };
  return {
    kind: 'change',
    facts: { ...facts, priority, cancelReason: priority === 0 ? reason : undefined },
    attempt: undefined,
    event: { kind: 'priority', detail: `${facts.priority} → ${priority}: ${reason}` },
  };
}
