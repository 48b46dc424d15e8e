import type { ContainerState, QueueEntry } from '@drover/spec';

/** How far an attempt has come. Within one generation states only move down this list. */
const stateRank: Readonly<Record<ContainerState, number>> = {
  Locked: 0,
  Running: 1,
  // After lock and run: given back, or waiting for a new attempt.
  Queued: 2,
  Complete: 3,
  Cancelled: 3,
};

type Progress = Pick<QueueEntry, 'generation' | 'state'>;

/** Nothing happens to the container any more. */
export function isFinal(state: ContainerState): boolean {
  return state === 'Complete' || state === 'Cancelled';
}

/** Negative when `a` is an earlier point of the container's life than `b`, 0 when it is the same one. */
export function compareProgress(a: Progress, b: Progress): number {
  return a.generation - b.generation || stateRank[a.state] - stateRank[b.state];
}

/** True when the queue has moved past this generation: nothing that it did or does counts any more. */
export function isAttemptOver(entry: Progress, generation: number): boolean {
  return (
    entry.generation > generation || (entry.generation === generation && stateRank[entry.state] >= stateRank.Queued)
  );
}
