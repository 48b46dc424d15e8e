import type { Moment } from './moment.ts';
import type { PoolOptions } from './pool-options.ts';
import { holdsResult, type Worker } from './worker.ts';
import { continueKills, killContainer } from './worker-kill.ts';
import { attached, congestion, detached, drainAnswered, runnerEvent, sendLeases, verified } from './worker-link.ts';
import { reviewTags, seen, vanished } from './worker-presence.ts';
import { beginProbe, endProbe, reviewProbe } from './worker-probe.ts';
import type { Transition, WorkerEvent } from './worker-protocol.ts';
import { beginShutdown, destroyAnswered, drain, reviewShutdown, setBehavior } from './worker-shutdown.ts';
import { ackAnswered, collectedRun, startAnswered, startContainer } from './worker-start.ts';
import { WorkerStep } from './worker-step.ts';

/**
 * What one worker becomes through one event, what is to be done, and what is to be reported. Pure: same arguments, same answer.
 * A worker that is gone takes no more events.
 */
export function transition(worker: Worker, event: WorkerEvent, now: Moment, options: PoolOptions): Transition {
  const step = new WorkerStep(worker, now, options);
  if (worker.gone) {
    step.outcome = { kind: 'declined', reason: 'not-found' };
    return step.finish();
  }
  apply(step, event);
  continueKills(step);
  reviewIdentity(step);
  reviewShutdown(step);
  reviewProbe(step);
  if (event.type === 'seen' || step.worker.decision !== worker.decision) reviewTags(step);
  return step.finish();
}

function apply(step: WorkerStep, event: WorkerEvent): void {
  switch (event.type) {
    // Time has passed: what is due is done below, as after every event.
    case 'tick':
      return;
    case 'seen':
      return seen(step, event.instance, event.tags);
    case 'gone':
      return vanished(step, event.evidence);
    case 'probe-turn':
      return beginProbe(step, event.attempt);
    case 'probe-ended':
      return endProbe(step, event.attempt, event.result, event.jitter);
    case 'verified':
      return verified(step);
    case 'identity-mismatch':
      return identityMismatch(step, event.error);
    case 'attached':
      return attached(step, event.session);
    case 'detached':
      return detached(step, event.session, event.jitter);
    case 'congestion':
      return congestion(step, event.session, event.congested);
    case 'runner-event':
      return runnerEvent(step, event.session, event.event);
    case 'start':
      return startContainer(step, event.container);
    case 'start-answered':
      return startAnswered(step, event, event.answer);
    case 'kill':
      return killContainer(step, event.uuid, event.reason);
    case 'collected':
      return collectedRun(step, event);
    case 'ack-answered':
      return ackAnswered(step, event, event.answer);
    case 'drain-answered':
      return drainAnswered(step, event.on, event.answer);
    case 'set-behavior':
      return chooseBehavior(step, event.behavior, event.reason);
    case 'shut-down':
      return shutDownUnneeded(step, event.reason);
    case 'kill-instance':
      return beginShutdown(step, event.reason, true);
    case 'black-hole':
      return blackHole(step, event.reason);
    case 'destroy-answered':
      return destroyAnswered(step, event.attempt, event.error);
    case 'tags-answered':
      return tagsAnswered(step, event.tags);
    default:
      return unreachable(event);
  }
}

/** A host that nobody vouches for any more is given up like one that does not answer. */
function reviewIdentity(step: WorkerStep): void {
  const { worker, now, options } = step;
  if (worker.identity !== 'mismatch' || worker.idleBehavior === 'hold' || worker.shutdown?.forced === true) return;
  const limitMs = worker.readyAtMs === undefined ? options.timeoutBootingMs : options.timeoutProbeMs;
  if (now.ms - worker.probedAtMs >= limitMs)
    beginShutdown(step, `its host key has not been the right one for ${limitMs / 1_000} s`, true);
}

function identityMismatch(step: WorkerStep, error: Error): void {
  const { worker } = step;
  if (worker.identity === 'mismatch') return;
  step.set({ identity: 'mismatch', note: error.message });
  step.event({ type: 'host-key-mismatch', instanceId: worker.instance.id, error });
  drain(step, error.message);
}

function chooseBehavior(step: WorkerStep, behavior: 'run' | 'hold' | 'drain', reason: string): void {
  if (step.worker.state === 'shutdown') {
    step.outcome = { kind: 'declined', reason: 'busy' };
    return;
  }
  // Somebody looked at it and wants it used: a runner that is still broken will say so again.
  if (behavior === 'run' && step.worker.broken) step.set({ broken: false });
  const before = step.worker.idleBehavior;
  setBehavior(step, behavior, reason);
  if ((before === 'hold') !== (behavior === 'hold')) sendLeases(step);
}

function shutDownUnneeded(step: WorkerStep, reason: string): void {
  const { state, idleBehavior, runs } = step.worker;
  if (state === 'shutdown') return;
  if (idleBehavior === 'hold') step.outcome = { kind: 'declined', reason: 'hold' };
  else if ((state !== 'booting' && state !== 'idle') || runs.length > 0 || holdsResult(step.worker))
    step.outcome = { kind: 'declined', reason: 'busy' };
  else beginShutdown(step, reason, false);
}

function blackHole(step: WorkerStep, reason: string): void {
  step.setOutcome('failure', reason);
  drain(step, reason);
}

function tagsAnswered(step: WorkerStep, tags: Worker['instance']['tags'] | undefined): void {
  const { instance } = step.worker;
  step.set({ settingTags: false });
  if (tags === undefined) return;
  step.set({ instance: { ...instance, tags: { ...instance.tags, ...tags } } });
  // The behaviour may have changed again meanwhile.
  reviewTags(step);
}

function unreachable(event: never): never {
  throw new Error(`no such worker event: ${JSON.stringify(event)}`);
}
