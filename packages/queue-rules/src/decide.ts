import type { Command } from './command.ts';
import { decideCancel, decidePriority } from './decide-cancel.ts';
import { decideFinished, decideLost } from './decide-end.ts';
import { decideLock, decideStarted, decideUnlock } from './decide-hold.ts';
import type { Situation } from './situation.ts';
import type { Verdict } from './facts.ts';

/** Generation of the attempt that must be read for this command; undefined: none. */
export function attemptNeeded(command: Command): number | undefined {
  return command.kind === 'lock' || command.kind === 'priority' ? undefined : command.generation;
}

/**
 * The one place that says which moves are legal in a queue of ours and what each leaves behind. Pure. Idempotent: a
 * command that landed before is a `repeat`; one that the container has moved past is `refused` with LockConflictError.
 */
export function decide(command: Command, situation: Situation): Verdict {
  switch (command.kind) {
    case 'lock':
      return decideLock(command, situation);
    case 'unlock':
      return decideUnlock(command, situation);
    case 'started':
      return decideStarted(command, situation);
    case 'finished':
      return decideFinished(command, situation);
    case 'lost':
      return decideLost(command, situation);
    case 'cancel':
      return decideCancel(command, situation);
    // A command that is added and not listed does not fit here: the compiler says so.
    default:
      return decidePriority(command, situation);
  }
}
