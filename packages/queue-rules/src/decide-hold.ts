import type { Attempt } from '@drover/spec';
import type { CommandOf } from './command.ts';
import type { Situation } from './situation.ts';
import type { Verdict } from './facts.ts';
import { refuse } from './refuse.ts';

/**
 * Queued → Locked under the next generation. Repeated while still Locked in that generation it succeeds; once it runs it
 * is refused, because whoever locks is about to start.
 */
export function decideLock(command: CommandOf<'lock'>, { facts, atMs }: Situation): Verdict {
  const generation = command.generation + 1;
  if (facts.state === 'Locked' && facts.generation === generation) return { kind: 'repeat' };
  if (facts.state !== 'Queued' || facts.generation !== command.generation || facts.priority <= 0)
    return refuse(command, facts);
  return {
    kind: 'change',
    facts: { ...facts, state: 'Locked', generation, instanceId: undefined },
    attempt: { generation, lockedAtMs: atMs },
    event: { kind: 'locked', detail: undefined },
  };
}

/** Locked → Queued, or → Cancelled when priority 0 was asked for meanwhile. Counts for no limit. */
export function decideUnlock(command: CommandOf<'unlock'>, { facts, attempt, atMs }: Situation): Verdict {
  if (attempt?.outcome === 'unlocked') return { kind: 'repeat' };
  if (attempt === undefined || facts.state !== 'Locked' || facts.generation !== command.generation)
    return refuse(command, facts);
  const ended: Attempt = { ...attempt, endedAtMs: atMs, outcome: 'unlocked', detail: command.reason };
  const next =
    facts.priority > 0
      ? { ...facts, state: 'Queued' as const }
      : { ...facts, state: 'Cancelled' as const, finishedAtMs: atMs };
  return { kind: 'change', facts: next, attempt: ended, event: { kind: 'unlocked', detail: command.reason } };
}

/** Locked → Running. The same start on another VM is refused: that would be two runs of one generation. */
export function decideStarted(command: CommandOf<'started'>, { facts, attempt }: Situation): Verdict {
  const { record } = command;
  // Only a landed `started` sets the instance type.
  if (attempt?.instanceType !== undefined && attempt.instanceId === record.instanceId) return { kind: 'repeat' };
  if (attempt === undefined || facts.state !== 'Locked' || facts.generation !== command.generation)
    return refuse(command, facts);
  return {
    kind: 'change',
    facts: {
      ...facts,
      state: 'Running',
      startedAttempts: facts.startedAttempts + 1,
      instanceId: record.instanceId,
    },
    attempt: {
      ...attempt,
      instanceId: record.instanceId,
      instanceType: record.instanceType,
      pricePerHour: record.pricePerHour,
      startedAtMs: record.startedAtMs,
    },
    event: { kind: 'started', detail: `on ${record.instanceId} (${record.instanceType})` },
  };
}
