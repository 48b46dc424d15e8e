import { LockConflictError } from '@drover/spec';
import type { Command } from './command.ts';
import type { ContainerFacts, Verdict } from './facts.ts';

/** The container has moved on since the caller read it. */
export function refuse(command: Command, facts: ContainerFacts): Verdict {
  const rest = command.kind === 'priority' ? '' : ` resting on generation ${command.generation}`;
  const message = `${command.kind} of ${facts.uuid}${rest} is refused: it is ${facts.state} in generation ${facts.generation}, priority ${facts.priority}`;
  return {
    kind: 'refused',
    error: new LockConflictError(message, { fix: 'read the container again and decide anew' }),
  };
}
