import type { PoolOptions } from './pool-options.ts';
import { holdsResult, type Worker } from './worker.ts';
import { wantsProbe } from './worker-probe.ts';
import { idleSinceMs } from './worker-shutdown.ts';

/**
 * When (monotonic) the worker needs its next `tick`; Infinity: only when something happens. Times that are not in the future
 * need none: the transition just made has dealt with them.
 */
export function nextDeadlineMs(worker: Worker, nowMs: number, options: PoolOptions): number {
  let nextMs = Number.POSITIVE_INFINITY;
  if (worker.gone) return nextMs;
  const consider = (atMs: number): void => {
    if (atMs > nowMs && atMs < nextMs) nextMs = atMs;
  };
  if (worker.probe.kind === 'none' && wantsProbe(worker)) consider(worker.probeDueAtMs);
  for (const { kill } of worker.runs) {
    if (kill === undefined || kill.givenUp) continue;
    consider(kill.nextSignalAtMs);
    consider(kill.requestedAtMs + options.timeoutTermMs);
  }
  if (worker.staleSinceMs !== undefined) consider(worker.staleSinceMs + options.timeoutStaleRunLockMs + 1);
  considerMismatch(worker, options, consider);
  if (worker.shutdown === undefined) considerLiving(worker, options, consider);
  else considerDying(worker, consider);
  return nextMs;
}

function considerMismatch(worker: Worker, options: PoolOptions, consider: (atMs: number) => void): void {
  if (worker.identity !== 'mismatch' || worker.idleBehavior === 'hold') return;
  consider(worker.probedAtMs + (worker.readyAtMs === undefined ? options.timeoutBootingMs : options.timeoutProbeMs));
}

function considerLiving(worker: Worker, options: PoolOptions, consider: (atMs: number) => void): void {
  const { state, idleBehavior } = worker;
  if (idleBehavior === 'hold') return;
  if (idleBehavior !== 'run' || (state !== 'idle' && state !== 'running')) return;
  if (worker.runs.length === 0 && !holdsResult(worker)) consider(idleSinceMs(worker) + options.timeoutIdleMs);
  if (options.maxAgeMs > 0) consider(worker.appearedAtMs + options.maxAgeMs);
}

function considerDying({ shutdown, leaseEndsAtMs }: Worker, consider: (atMs: number) => void): void {
  if (shutdown === undefined || shutdown.calling || shutdown.acceptedAtMs !== undefined) return;
  if (shutdown.retryAtMs !== undefined) consider(shutdown.retryAtMs);
  consider(leaseEndsAtMs);
}
