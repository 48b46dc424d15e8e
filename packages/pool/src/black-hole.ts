import type { ContainerUuid, RunResult } from '@drover/spec';
import type { WorkerStep } from './worker-step.ts';

/** What the end of a run says about its VM. */
export type RunVerdict = 'speaks-for-it' | 'speaks-against-it' | 'says-nothing';

/** Judges a result: quick ends that the container did not bring about itself speak against the VM. */
export function judgeResult(result: RunResult, fastFailureMs: number): RunVerdict {
  if (result.killed || result.preempted || result.timedOut || result.oom) return 'says-nothing';
  const quick = result.finishedAtMs - result.startedAtMs < fastFailureMs;
  if (result.startError !== undefined) return 'speaks-against-it';
  if (result.unknown || result.exitCode === undefined) return quick ? 'speaks-against-it' : 'says-nothing';
  // An exit code of its own: the VM let it run, whatever it made of that.
  return 'speaks-for-it';
}

/** Counts the end of a run for or against the VM; with enough different containers in a row the pool is asked to judge. */
export function countVerdict(step: WorkerStep, uuid: ContainerUuid, verdict: RunVerdict): void {
  const { worker, now, options } = step;
  if (verdict === 'says-nothing') return;
  if (verdict === 'speaks-for-it') {
    if (worker.strikes.length > 0) step.set({ strikes: [], firstStrikeAtMs: undefined });
    step.effect({ kind: 'good-run' });
    return;
  }
  if (worker.strikes.includes(uuid)) return;
  // The row needs no more length than decides.
  const strikes = [...worker.strikes, uuid].slice(-options.blackHoleStrikes);
  const sinceMs = worker.firstStrikeAtMs ?? now.ms;
  step.set({ strikes, firstStrikeAtMs: sinceMs });
  if (strikes.length >= options.blackHoleStrikes)
    step.effect({
      kind: 'suspect',
      sinceMs,
      detail: `${strikes.length} different containers in a row came to nothing on it while other instances do better`,
    });
}
