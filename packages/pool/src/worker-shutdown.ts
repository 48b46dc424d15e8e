import type { IdleBehavior } from '@drover/spec';
import { nextDecision } from './behavior-decision.ts';
import { holdsResult, type Run, type Worker } from './worker.ts';
import type { WorkerStep } from './worker-step.ts';

/** Decides the idle behaviour and says why; to decide for what it is already counts too. */
export function setBehavior(step: WorkerStep, behavior: IdleBehavior, reason: string): void {
  const { worker } = step;
  const decision = nextDecision(worker.decision, worker.epoch);
  if (worker.idleBehavior !== behavior) {
    step.event({ type: 'instance-behavior', instanceId: worker.instance.id, behavior, reason });
    step.set({ note: behavior === 'run' ? undefined : reason });
  }
  step.set({ idleBehavior: behavior, decision });
  step.effect({ kind: 'record-behavior', decision: { behavior, ...decision } });
}

/** The pool's own decision that a VM gets no more work; an operator's `hold` outranks it. */
export function drain(step: WorkerStep, reason: string): void {
  if (step.worker.idleBehavior === 'run') setBehavior(step, 'drain', reason);
}

/** The VM is given up: from now on it only goes. `forced`: whatever it holds. */
export function beginShutdown(step: WorkerStep, reason: string, forced: boolean): void {
  const { worker, now } = step;
  if (worker.shutdown !== undefined) {
    if (forced && !worker.shutdown.forced) step.set({ shutdown: { ...worker.shutdown, forced: true }, note: reason });
    return;
  }
  step.setOutcome('aborted', reason);
  step.setState('shutdown', reason);
  step.set({ note: reason, shutdown: { requestedAtMs: now.ms, forced, attempt: 0, calling: false } });
}

/** Since when the VM has had nothing to do; a VM that has just become ready counts from then. */
export function idleSinceMs(worker: Worker): number {
  return Math.max(worker.lastBusyAtMs ?? Number.NEGATIVE_INFINITY, worker.readyAtMs ?? worker.appearedAtMs);
}

/** Applies the rules of the idle behaviours, and goes on with a shutdown that is under way. Ends every transition. */
export function reviewShutdown(step: WorkerStep): void {
  if (step.worker.gone) return;
  if (step.worker.state !== 'shutdown') considerShutdown(step);
  if (step.worker.state === 'shutdown') pursueShutdown(step);
}

function considerShutdown(step: WorkerStep): void {
  const { now, options } = step;
  retireWornOut(step);
  const { worker } = step;
  const { state, idleBehavior, runs } = worker;
  if (idleBehavior === 'hold' || holdsResult(worker)) return;
  if (idleBehavior === 'drain') {
    if (runs.length === 0 && (state === 'booting' || state === 'idle'))
      beginShutdown(step, worker.note ?? 'drained', false);
    else if (runs.length > 0 && state === 'running' && runs.every((run) => isBeyondHelp(step, run)))
      beginShutdown(step, 'all that is left on it cannot be killed', false);
    return;
  }
  if (state === 'idle' && runs.length === 0 && now.ms - idleSinceMs(worker) >= options.timeoutIdleMs)
    beginShutdown(step, `idle for ${options.timeoutIdleMs / 1_000} s`, false);
}

function retireWornOut(step: WorkerStep): void {
  const { worker, now, options } = step;
  if (worker.state !== 'idle' && worker.state !== 'running') return;
  if (options.maxUses > 0 && worker.uses >= options.maxUses)
    drain(step, `used ${worker.uses} times, which is the limit`);
  if (options.maxAgeMs > 0 && now.ms - worker.appearedAtMs >= options.maxAgeMs)
    drain(step, 'has reached its maximum age');
}

/**
 * Destroys once it may be: at once when forced; else when nothing live and nothing uncollected is left on it and the
 * runner has either promised to accept nothing more or cannot, because its lease has run out.
 */
function pursueShutdown(step: WorkerStep): void {
  const { worker, now } = step;
  const { shutdown } = worker;
  if (shutdown === undefined || shutdown.calling || shutdown.acceptedAtMs !== undefined) return;
  if (!shutdown.forced) {
    if (holdsResult(worker) || !worker.runs.every((run) => isBeyondHelp(step, run))) return;
    if (worker.fence !== 'done') {
      if (worker.link.kind === 'open') {
        if (worker.fence === 'none') {
          step.set({ fence: 'asked' });
          step.effect({ kind: 'send-drain', on: true });
        }
        return;
      }
      if (now.ms < worker.leaseEndsAtMs) return;
    }
  }
  if (shutdown.retryAtMs !== undefined && now.ms < shutdown.retryAtMs) return;
  callDestroy(step);
}

/** The cloud has accepted a destroy some time ago and still lists the VM: once more. */
export function destroyAgain(step: WorkerStep): void {
  const { shutdown } = step.worker;
  if (shutdown?.acceptedAtMs === undefined || shutdown.calling) return;
  if (step.now.ms - shutdown.acceptedAtMs >= step.options.timeoutShutdownMs) callDestroy(step);
}

/** What became of a destroy call. */
export function destroyAnswered(step: WorkerStep, attempt: number, error: Error | undefined): void {
  const { shutdown } = step.worker;
  if (shutdown?.calling !== true || shutdown.attempt !== attempt) return;
  const { acceptedAtMs: _, ...rest } = shutdown;
  if (error === undefined) step.set({ shutdown: { ...rest, calling: false, acceptedAtMs: step.now.ms } });
  else
    step.set({
      shutdown: { ...rest, calling: false, retryAtMs: step.now.ms + step.options.timeoutShutdownMs },
      note: `cannot be destroyed: ${error.message}`,
    });
}

function callDestroy(step: WorkerStep): void {
  const { shutdown } = step.worker;
  if (shutdown === undefined) return;
  const attempt = shutdown.attempt + 1;
  step.set({ shutdown: { ...shutdown, attempt, calling: true } });
  if (!shutdown.forced) dropLink(step);
  step.effect({ kind: 'destroy', attempt });
}

/** Nothing is expected from the VM any more, nor is what it may still say listened to. */
export function dropLink(step: WorkerStep): void {
  step.set({ link: { kind: 'closed' }, probe: { kind: 'none' } });
  step.effect({ kind: 'disconnect' });
}

/** Runs that nothing can end but the end of the VM. */
function isBeyondHelp({ worker, now, options }: WorkerStep, run: Run): boolean {
  if (run.kill?.givenUp === true) return true;
  return run.stale && worker.staleSinceMs !== undefined && now.ms - worker.staleSinceMs > options.timeoutStaleRunLockMs;
}
