import type { Attempt, ContainerState, LossReason, StartRecord } from '@drover/spec';
import type { CommandOf } from './command.ts';
import type { Situation } from './situation.ts';
import { type ContainerFacts, isHeld, type Verdict } from './facts.ts';
import type { QueueLimits } from './queue-options.ts';
import { refuse } from './refuse.ts';
import { describeRun, type RunEnd, runEnd } from './run-end.ts';

/** Locked or Running → Complete, → Queued for another attempt, or → Cancelled. The first result of a generation stays. */
export function decideFinished(command: CommandOf<'finished'>, situation: Situation): Verdict {
  const { attempt, atMs } = situation;
  const { result, start } = command;
  if (attempt?.result !== undefined) return { kind: 'repeat' };
  if (attempt === undefined || !isHeld(situation.facts.state) || situation.facts.generation !== command.generation)
    return refuse(command, situation.facts);
  const facts = countStart(situation.facts, start);
  const end = runEnd(result);
  const detail = describeRun(result);
  const ended: Attempt = {
    ...start,
    ...attempt,
    startedAtMs: attempt.startedAtMs ?? result.startedAtMs,
    endedAtMs: result.unknown ? atMs : result.finishedAtMs,
    outcome: end.kind === 'infrastructure' ? end.reason : end.kind === 'killed' ? 'cancelled' : 'result',
    detail,
    result,
  };
  const next = afterRun(facts, end, detail, situation);
  return { kind: 'change', facts: next, attempt: ended, event: { kind: 'finished', detail } };
}

/** Locked or Running → Queued for a new attempt, or → Cancelled at a cap or when priority 0 was asked for. */
export function decideLost(command: CommandOf<'lost'>, { facts, attempt, atMs, limits }: Situation): Verdict {
  const { loss } = command;
  if (attempt !== undefined && attempt.result === undefined && isLoss(attempt.outcome)) return { kind: 'repeat' };
  if (attempt === undefined || !isHeld(facts.state) || facts.generation !== command.generation)
    return refuse(command, facts);
  const instanceId = attempt.instanceId ?? loss.instanceId;
  const ended: Attempt = {
    ...attempt,
    ...(instanceId === undefined ? {} : { instanceId }),
    endedAtMs: atMs,
    outcome: loss.reason,
    detail: loss.detail,
  };
  return {
    kind: 'change',
    facts: afterInfrastructure(facts, loss.reason, loss.detail, atMs, limits),
    attempt: ended,
    event: { kind: 'lost', detail: `${loss.reason}: ${loss.detail}` },
  };
}

function afterRun(facts: ContainerFacts, end: RunEnd, detail: string, { atMs, limits }: Situation): ContainerFacts {
  if (end.kind === 'infrastructure') return afterInfrastructure(facts, end.reason, detail, atMs, limits);
  if (end.kind === 'killed') return final(facts, 'Cancelled', atMs, facts.cancelReason ?? detail);
  const failures = facts.userFailures + 1;
  const again =
    end.kind === 'failure' &&
    facts.retry.on.includes(end.reason) &&
    failures < facts.retry.attempts &&
    facts.priority > 0 &&
    mayStartAgain(facts, limits);
  return again
    ? { ...facts, state: 'Queued', userFailures: failures, infrastructureFailures: 0 }
    : final(facts, 'Complete', atMs, undefined);
}

/** A result proves that the attempt started, even when `started` never arrived. */
function countStart(facts: ContainerFacts, start: StartRecord | undefined): ContainerFacts {
  if (facts.state === 'Running') return facts;
  const instanceId = start?.instanceId ?? facts.instanceId;
  return { ...facts, startedAttempts: facts.startedAttempts + 1, instanceId };
}

function mayStartAgain(facts: ContainerFacts, limits: QueueLimits): boolean {
  return facts.startedAttempts < Math.max(limits.startedAttempts, facts.retry.attempts);
}

function afterInfrastructure(
  before: ContainerFacts,
  reason: LossReason,
  detail: string,
  atMs: number,
  limits: QueueLimits,
): ContainerFacts {
  const interruptions = before.interruptions + (reason === 'preempted' ? 1 : 0);
  const facts: ContainerFacts = {
    ...before,
    infrastructureFailures: before.infrastructureFailures + 1,
    interruptions,
    onDemandOnly: before.onDemandOnly || (before.preemptible === 'prefer' && interruptions >= limits.interruptions),
  };
  if (facts.priority <= 0) return final(facts, 'Cancelled', atMs, facts.cancelReason ?? 'cancelled on request');
  const last = `the last: ${reason}, ${detail}`;
  if (facts.infrastructureFailures >= limits.infrastructureFailures)
    return final(
      facts,
      'Cancelled',
      atMs,
      `infrastructure ended ${facts.infrastructureFailures} attempts in a row; ${last}`,
    );
  if (!mayStartAgain(facts, limits))
    return final(facts, 'Cancelled', atMs, `${facts.startedAttempts} attempts have started, no more are made; ${last}`);
  return { ...facts, state: 'Queued' };
}

function final(
  facts: ContainerFacts,
  state: Extract<ContainerState, 'Complete' | 'Cancelled'>,
  atMs: number,
  cancelReason: string | undefined,
): ContainerFacts {
  return { ...facts, state, finishedAtMs: atMs, cancelReason };
}

function isLoss(outcome: Attempt['outcome']): outcome is LossReason {
  return outcome !== undefined && outcome !== 'result' && outcome !== 'unlocked' && outcome !== 'cancelled';
}
