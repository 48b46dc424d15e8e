import type { RunnerContainer, RunnerStatus } from '@drover/spec';
import { countVerdict, judgeResult } from './black-hole.ts';
import { adoptRun, changeRun, confirmRun, endRun, findRun, finishRun, sameRun } from './worker-runs.ts';
import { drain } from './worker-shutdown.ts';
import type { WorkerStep } from './worker-step.ts';
import type { Uncollected } from './worker.ts';

/** How far a status may be relied on. */
export interface StatusContext {
  /** The worker's revision when the runner was asked; what came since then is not judged. */
  readonly asOfRevision: number;
  /**
   * It came over the control channel: no start of an older session can take effect after it, and it is in order with all
   * that the runner has reported.
   */
  readonly fenced: boolean;
}

/** Takes in what the runner says about its VM. */
export function applyStatus(step: WorkerStep, status: RunnerStatus, { asOfRevision, fenced }: StatusContext): void {
  // Else a start of a former dispatcher may still be on its way.
  const isLast = fenced || step.now.ms >= step.worker.leaseEndsAtMs;
  if (isLast && !step.worker.statusSeen) step.set({ statusSeen: true });
  if (status.broken !== undefined) markBroken(step, status.broken);
  if (status.preemptionNotice !== undefined) markPreempted(step, status.preemptionNotice);
  const current = fenced || step.worker.revision === asOfRevision;
  for (const container of status.containers) applyContainer(step, container, current);
  for (const run of step.worker.runs) {
    if (run.revision > asOfRevision || status.containers.some((c) => sameRun(c, run))) continue;
    if (run.phase !== 'sent') endRun(step, run, 'runner-lost', 'its instance answers and knows nothing of it');
    else if (fenced) {
      countVerdict(step, run.uuid, 'speaks-against-it');
      endRun(step, run, 'not-started', 'the start never reached the runner on its instance');
    }
  }
  const { uncollected } = step.worker;
  const isOver = (u: Uncollected): boolean => u.collected && !isListed(status, u);
  if (current && uncollected.some(isOver)) step.set({ uncollected: uncollected.filter((u) => !isOver(u)) });
  watchStale(step, status);
  settleDraining(step, status);
}

/** Marks the VM as unfit: no more work, and no successful boot if it had none. */
export function markBroken(step: WorkerStep, reason: string): void {
  if (step.worker.broken) return;
  step.set({ broken: true });
  step.event({ type: 'instance-broken', instanceId: step.worker.instance.id, reason });
  if (step.worker.idleBehavior === 'run') {
    step.setOutcome('failure', reason);
    drain(step, `broken: ${reason}`);
  }
}

/** The VM is being taken away: no more work. */
export function markPreempted(step: WorkerStep, detail: string): void {
  if (step.worker.preempted !== undefined) return;
  step.set({ preempted: detail });
  step.event({ type: 'instance-preempted', instanceId: step.worker.instance.id, detail });
  drain(step, `preempted: ${detail}`);
}

function applyContainer(step: WorkerStep, container: RunnerContainer, current: boolean): void {
  const run = findRun(step.worker, container);
  const kept = step.worker.uncollected.find((u) => sameRun(u, container));
  if (container.state === 'finished') {
    if (kept !== undefined) {
      if (kept.collected) step.effect({ kind: 'send-ack', ...pick(kept) });
      return;
    }
    if (container.result === undefined || container.hash === undefined || (run === undefined && !current)) return;
    if (run !== undefined)
      countVerdict(step, container.uuid, judgeResult(container.result, step.options.fastFailureMs));
    finishRun(step, container, { result: container.result, hash: container.hash, logs: [] });
    return;
  }
  if (kept !== undefined) return;
  const stale = container.state === 'stale';
  if (run === undefined) {
    if (current) adoptRun(step, container, { stale, gpuDevices: container.gpuDevices ?? [] });
    return;
  }
  if (run.stale !== stale) changeRun(step, run, { stale });
  // A run that was first heard of by an event came without its devices.
  if (run.gpuDevices.length === 0 && container.gpuDevices !== undefined && container.gpuDevices.length > 0)
    changeRun(step, run, { gpuDevices: container.gpuDevices });
  if (!stale) confirmRun(step, run, container.state === 'running' ? 'running' : 'accepted');
}

function isListed(status: RunnerStatus, key: { readonly uuid: string; readonly generation: number }): boolean {
  return status.containers.some((c) => sameRun(c, key) && c.state === 'finished');
}

function pick(u: { readonly uuid: string; readonly generation: number; readonly hash: string }) {
  return { uuid: u.uuid, generation: u.generation, hash: u.hash };
}

/** A lock that is still held without a supervisor for too long: something on the VM is out of control. */
function watchStale(step: WorkerStep, status: RunnerStatus): void {
  const stale = status.containers.some((container) => container.state === 'stale');
  if (!stale) {
    if (step.worker.staleSinceMs !== undefined) step.set({ staleSinceMs: undefined });
    return;
  }
  const sinceMs = step.worker.staleSinceMs ?? step.now.ms;
  step.set({ staleSinceMs: sinceMs });
  if (step.now.ms - sinceMs > step.options.timeoutStaleRunLockMs)
    markBroken(step, 'a run whose supervisor is gone still holds its lock');
}

/** A VM drained by somebody before us, that is to work again. */
function settleDraining(step: WorkerStep, status: RunnerStatus): void {
  const { worker } = step;
  if (status.draining && worker.shutdown === undefined && worker.fence === 'none' && worker.idleBehavior === 'run')
    if (worker.link.kind === 'open') {
      step.set({ fence: 'asked' });
      step.effect({ kind: 'send-drain', on: false });
    }
}
