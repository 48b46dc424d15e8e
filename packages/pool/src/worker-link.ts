import type { RunnerEvent, RunnerStatus } from '@drover/spec';
import { countVerdict, judgeResult } from './black-hole.ts';
import { isReady, retryDelayMs } from './worker-probe.ts';
import type { RunnerAnswer } from './worker-protocol.ts';
import { adoptRun, confirmRun, findRun, finishRun, sameRun } from './worker-runs.ts';
import { resendKills } from './worker-kill.ts';
import { applyStatus, markBroken, markPreempted } from './worker-status.ts';
import { dropLink } from './worker-shutdown.ts';
import type { WorkerStep } from './worker-step.ts';

/** The host has proven who it is. */
export function verified(step: WorkerStep): void {
  const { worker, now } = step;
  if (worker.identity === 'verified') return;
  step.set({ identity: 'verified' });
  // Of a VM that was found, nobody knows how long it took.
  if (worker.state === 'booting')
    step.event({
      type: 'ssh-connected',
      instanceId: worker.instance.id,
      sinceCreateMs: now.ms - worker.appearedAtMs,
    });
}

/** The control channel is open and the runner has said hello. */
export function attached(step: WorkerStep, session: number): void {
  const { worker } = step;
  if (worker.shutdown !== undefined && worker.shutdown.attempt > 0 && !worker.shutdown.forced) {
    // Too late: it was empty and fenced, and its end is under way.
    dropLink(step);
    return;
  }
  step.set({
    link: { kind: 'open', session, congested: false },
    leaseEndsAtMs: Number.POSITIVE_INFINITY,
    fence: worker.fence === 'done' ? 'done' : 'none',
  });
  resendKills(step);
  // The hello just said gives the usual leases.
  if (worker.idleBehavior === 'hold') sendLeases(step);
}

/** A VM on hold must not end itself for want of work; any other must. */
export function sendLeases(step: WorkerStep): void {
  const { worker, options } = step;
  if (worker.link.kind === 'open')
    step.effect({ kind: 'send-leases', deadManMs: worker.idleBehavior === 'hold' ? 0 : options.deadManLeaseMs });
}

/** The control channel is gone; what was sent over it last may or may not have arrived. */
export function detached(step: WorkerStep, session: number, jitter: number): void {
  const { worker, now, options } = step;
  if (worker.link.kind !== 'open' || worker.link.session !== session) return;
  step.set({
    link: { kind: 'closed' },
    leaseEndsAtMs: now.ms + options.acceptLeaseMs + options.leaseMarginMs,
    fence: worker.fence === 'done' ? 'done' : 'none',
  });
  if (isReady(worker))
    step.set({ probeDueAtMs: Math.min(worker.probeDueAtMs, now.ms + retryDelayMs(step, 1, jitter)) });
}

/** The peer does not keep up, or does again. */
export function congestion(step: WorkerStep, session: number, congested: boolean): void {
  const { link } = step.worker;
  if (link.kind === 'open' && link.session === session) step.set({ link: { ...link, congested } });
}

/** Something that the runner reports by itself. */
export function runnerEvent(step: WorkerStep, session: number, event: RunnerEvent): void {
  const { worker } = step;
  if (worker.link.kind !== 'open' || worker.link.session !== session) return;
  if (event.type === 'broken') markBroken(step, event.reason);
  else if (event.type === 'preempted') markPreempted(step, event.detail);
  else {
    // Ended already, and the end is known.
    if (worker.uncollected.some((u) => sameRun(u, event))) return;
    const run = findRun(worker, event);
    if (event.type === 'started') {
      if (run === undefined) adoptRun(step, event, { stale: false, gpuDevices: [] });
      else confirmRun(step, run, 'running');
      return;
    }
    if (run !== undefined) {
      confirmRun(step, run, 'running');
      countVerdict(step, event.uuid, judgeResult(event.result, step.options.fastFailureMs));
    }
    finishRun(step, event, event);
  }
}

/** The runner's answer to "accept nothing more", or to "accept again". */
export function drainAnswered(step: WorkerStep, on: boolean, answer: RunnerStatus | RunnerAnswer): void {
  if (step.worker.fence !== 'asked') return;
  const isStatus = !('ok' in answer);
  const agreed = isStatus || answer.ok;
  step.set({ fence: agreed && on ? 'done' : 'none' });
  // Asked for after everything that was sent, so it speaks about all of it.
  if (isStatus) applyStatus(step, answer, { asOfRevision: step.worker.revision, fenced: true });
}
