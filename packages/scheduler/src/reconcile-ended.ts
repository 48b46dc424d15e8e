import type { ExitedRun, FinishedRun, LossReason, LossRecord, QueueEntry } from '@drover/spec';
import { isAttemptOver, isFinal } from './entry-progress.ts';
import type { Judgement, ReconcileInput } from './reconcile-types.ts';

/**
 * A run with a result. A container that is missing here is still asked of the queue: a result is thrown away only when the
 * queue itself has moved on.
 */
export function judgeFinished(run: FinishedRun, entry: QueueEntry | undefined): Judgement {
  const over = entry !== undefined && isAttemptOver(entry, run.generation);
  return over ? { kind: 'discard', run } : { kind: 'collect', run };
}

/** A run that is gone without a result, with proof. */
export function judgeExited(
  input: ReconcileInput,
  run: ExitedRun,
  entry: QueueEntry | undefined,
): Judgement | undefined {
  if (entry === undefined) return input.queueLoaded ? { kind: 'forget', run } : undefined;
  if (!input.fenced) return judgeUnfencedExit(input, run, entry);
  if (isAttemptOver(entry, run.generation)) return { kind: 'forget', run };
  if (run.generation > entry.generation) return undefined;
  const refusedTooOften = input.refusedStarts(run.uuid) >= input.maxRefusedStarts;
  if (run.reason === 'not-started' && entry.state === 'Locked' && !refusedTooOften)
    return { kind: 'unlock', entry, reason: run.detail, refused: true };
  return { kind: 'lost', entry, loss: lossOf(run) };
}

/** There the runner writes the final state itself, so the queue must have been read after the exit. */
function judgeUnfencedExit(input: ReconcileInput, run: ExitedRun, entry: QueueEntry): Judgement | undefined {
  if (isFinal(entry.state) || entry.state === 'Queued') return { kind: 'forget', run };
  if (input.lastPollBeganMs === undefined || run.atMs >= input.lastPollBeganMs) return undefined;
  if (entry.state === 'Running') return { kind: 'cancel', entry, reason: run.detail };
  return { kind: 'unlock', entry, reason: run.detail, refused: run.reason === 'not-started' };
}

function lossOf(run: ExitedRun): LossRecord {
  return { reason: lossReasons[run.reason], detail: run.detail, instanceId: run.instanceId };
}

const lossReasons: Readonly<Record<ExitedRun['reason'], LossReason>> = {
  'not-started': 'start-failed',
  'instance-lost': 'instance-lost',
  preempted: 'preempted',
  'runner-lost': 'runner-lost',
};
