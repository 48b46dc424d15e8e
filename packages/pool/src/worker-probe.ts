import { holdsResult, type Worker } from './worker.ts';
import type { ProbeResult } from './worker-protocol.ts';
import { settleBusyState } from './worker-runs.ts';
import { beginShutdown, drain } from './worker-shutdown.ts';
import { applyStatus } from './worker-status.ts';
import type { WorkerStep } from './worker-step.ts';

/** Whether probing the worker makes sense at all. */
export function wantsProbe(worker: Worker): boolean {
  if (worker.gone || worker.identity === 'mismatch') return false;
  if (worker.state !== 'shutdown') return true;
  // On its way out only what is still to be fetched from it is a reason to reach it.
  const { shutdown } = worker;
  const holdsSomething = holdsResult(worker) || worker.runs.length > 0;
  return shutdown !== undefined && !shutdown.forced && shutdown.attempt === 0 && holdsSomething;
}

/** Puts the worker into the line for probes when its time has come. Part of the end of every transition. */
export function reviewProbe(step: WorkerStep): void {
  const { worker, now } = step;
  if (worker.probe.kind !== 'none' || now.ms < worker.probeDueAtMs || !wantsProbe(worker)) return;
  const attempt = worker.probeAttempts + 1;
  step.set({ probe: { kind: 'queued', attempt }, probeAttempts: attempt });
  step.effect({ kind: 'queue-probe', attempt });
}

/** The worker's turn to be probed; the world may have changed while it waited. */
export function beginProbe(step: WorkerStep, attempt: number): void {
  const { worker, now } = step;
  if (worker.probe.kind !== 'queued' || worker.probe.attempt !== attempt) return;
  if (!wantsProbe(worker)) {
    step.set({ probe: { kind: 'none' } });
    return;
  }
  const booted = worker.bootProbeOk || isReady(worker);
  step.set({ probe: { kind: 'running', attempt, startedAtMs: now.ms, revision: worker.revision } });
  step.effect({
    kind: 'run-probe',
    attempt,
    via: worker.link.kind === 'open' && booted ? 'channel' : 'connect',
    bootProbe: booted ? 'passed' : 'needed',
    evenIfBootProbeFails: worker.state === 'unknown',
  });
}

/** What a probe found; answers of older attempts are dropped. */
export function endProbe(step: WorkerStep, attempt: number, result: ProbeResult, jitter: number): void {
  const { probe, instance } = step.worker;
  if (probe.kind !== 'running' || probe.attempt !== attempt) return;
  const durationMs = step.now.ms - probe.startedAtMs;
  const error = result.ok ? {} : { error: result.error.message };
  step.event({ type: 'probe', instanceId: instance.id, durationMs, ok: result.ok, ...error });
  step.set({ probe: { kind: 'none' }, bootProbeOk: step.worker.bootProbeOk || result.bootProbeOk });
  const fenced = result.ok && step.worker.link.kind === 'open';
  if (result.ok) applyStatus(step, result.status, { asOfRevision: probe.revision, fenced });
  if (fenced && step.worker.bootProbeOk) becomeReady(step);
  const answers = result.ok && isReady(step.worker);
  if (!answers) checkOverdue(step, probe.startedAtMs, result);
  // Ready but without a channel: the VM answers, and the channel is to be opened anew soon.
  const failures = fenced ? 0 : step.worker.probeFailures + 1;
  const probeDueAtMs = fenced
    ? probe.startedAtMs + step.options.probeIntervalMs * (1 + jitter / 23)
    : step.now.ms + retryDelayMs(step, failures, jitter);
  const probedAtMs = answers ? step.now.ms : step.worker.probedAtMs;
  step.set({ probedAtMs, probeFailures: failures, probeDueAtMs });
}

/** The wait before the next attempt at a worker that did not answer as it should. */
export function retryDelayMs({ worker, options }: WorkerStep, failures: number, jitter: number): number {
  if (!isReady(worker)) return options.bootRetryMs * (1 + jitter / 23);
  const delayMs = Math.min(options.probeIntervalMs, options.reconnectMs * 2 ** Math.min(20, failures - 1));
  return delayMs * (0.5 + jitter / 2);
}

/** Whether the worker has passed all its probes once. */
export function isReady(worker: Worker): boolean {
  return worker.readyAtMs !== undefined;
}

function becomeReady(step: WorkerStep): void {
  const { worker, now } = step;
  if (worker.state !== 'unknown' && worker.state !== 'booting') return;
  step.set({ readyAtMs: now.ms });
  if (!worker.broken) {
    step.setOutcome('success', 'both probes passed');
    if (worker.state === 'booting')
      step.event({
        type: 'instance-ready',
        instanceId: worker.instance.id,
        sinceCreateMs: now.ms - worker.appearedAtMs,
      });
  }
  step.setState('idle', 'both probes passed');
  settleBusyState(step);
}

/** Gives a worker up that has not answered for too long, measured to the start of the attempt that failed just now. */
function checkOverdue(step: WorkerStep, startedAtMs: number, result: ProbeResult): void {
  const { worker, options } = step;
  if (worker.state === 'shutdown' && worker.shutdown?.forced === true) return;
  const booting = worker.state === 'unknown' || worker.state === 'booting';
  const limitMs = booting ? options.timeoutBootingMs : options.timeoutProbeMs;
  if (startedAtMs - worker.probedAtMs < limitMs || worker.idleBehavior === 'hold') return;
  const limit = `${limitMs / 1_000} s`;
  if (result.ok) {
    // It answers and still does not count as booted: what runs on it may end in peace.
    if (worker.runs.length > 0 || holdsResult(worker)) drain(step, `not booted within ${limit}`);
    else giveUp(step, `not booted within ${limit}`, false);
    return;
  }
  giveUp(step, `no answer for ${limit}: ${result.error.message}`, true);
}

function giveUp(step: WorkerStep, reason: string, forced: boolean): void {
  const { state, runs } = step.worker;
  if ((state === 'unknown' || state === 'booting') && runs.length === 0) step.setOutcome('failure', reason);
  beginShutdown(step, reason, forced);
}
