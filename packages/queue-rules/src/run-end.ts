import type { LossReason, RetryReason, RunResult } from '@drover/spec';

/** Whose doing the end of a run was. */
export type RunEnd =
  | { readonly kind: 'success' }
  /** The container's own failure, which its retry policy may cover. */
  | { readonly kind: 'failure'; readonly reason: RetryReason }
  /** Somebody asked for it. */
  | { readonly kind: 'killed' }
  | { readonly kind: 'infrastructure'; readonly reason: LossReason };

/**
 * Not knowing comes first, because then nothing else in the result can be relied on; a taken VM before a kill, because
 * the runner kills the workload when its VM is being taken. A command that cannot be started counts as `exit-code`.
 */
export function runEnd(result: RunResult): RunEnd {
  if (result.unknown) return { kind: 'infrastructure', reason: 'runner-lost' };
  if (result.preempted) return { kind: 'infrastructure', reason: 'preempted' };
  if (result.killed) return { kind: 'killed' };
  if (result.oom) return { kind: 'failure', reason: 'oom' };
  if (result.timedOut) return { kind: 'failure', reason: 'timeout' };
  if (result.exitCode === 0 && result.startError === undefined) return { kind: 'success' };
  return { kind: 'failure', reason: 'exit-code' };
}

/** One phrase for a person. */
export function describeRun(result: RunResult): string {
  if (result.unknown) return `nobody knows how it ended: ${result.startError ?? 'its runner was lost'}`;
  if (result.preempted) return 'its spot VM was taken away';
  if (result.startError !== undefined) return `could not be started: ${result.startError}`;
  if (result.oom) return 'used more memory than allowed';
  if (result.timedOut) return 'ran longer than allowed';
  if (result.killed) return 'killed on request';
  if (result.signal !== undefined) return `ended by ${result.signal}`;
  return `exit code ${result.exitCode ?? 'unknown'}`;
}
