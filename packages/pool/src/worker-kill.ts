import type { ContainerUuid } from '@drover/spec';
import type { Run } from './worker.ts';
import { changeRun } from './worker-runs.ts';
import { drain } from './worker-shutdown.ts';
import type { WorkerStep } from './worker-step.ts';

/** Begins to kill every attempt of the container here; one that is being killed already stays as it is. */
export function killContainer(step: WorkerStep, uuid: ContainerUuid, reason: string): void {
  const runs = step.worker.runs.filter((run) => run.uuid === uuid);
  if (runs.length === 0) {
    step.outcome = { kind: 'declined', reason: 'not-found' };
    return;
  }
  for (const run of runs) {
    if (run.kill !== undefined) continue;
    step.event({ type: 'container-killed', uuid, reason });
    changeRun(step, run, {
      kill: { requestedAtMs: step.now.ms, nextSignalAtMs: step.now.ms, reason, givenUp: false },
    });
  }
  continueKills(step);
}

/** Sends the signals that are due and gives up on runs that outlived `timeoutTerm`. */
export function continueKills(step: WorkerStep): void {
  for (const run of step.worker.runs) continueKill(step, run);
}

function continueKill(step: WorkerStep, run: Run): void {
  const { now, options, worker } = step;
  const { kill } = run;
  if (kill === undefined || kill.givenUp) return;
  if (now.ms - kill.requestedAtMs >= options.timeoutTermMs) {
    changeRun(step, run, { kill: { ...kill, givenUp: true } });
    step.event({ type: 'container-unkillable', uuid: run.uuid, instanceId: worker.instance.id });
    drain(step, `container ${run.uuid} could not be killed within ${options.timeoutTermMs / 1_000} s`);
    return;
  }
  if (now.ms < kill.nextSignalAtMs) return;
  // Without a channel the signal is due again as soon as there is one; `reviewLink` sees to that.
  changeRun(step, run, { kill: { ...kill, nextSignalAtMs: now.ms + options.timeoutSignalMs } });
  if (worker.link.kind === 'open') step.effect({ kind: 'send-kill', uuid: run.uuid, generation: run.generation });
}

/** The channel is open again: what is being killed gets its signal at once, and what was given up one more. */
export function resendKills(step: WorkerStep): void {
  for (const run of step.worker.runs) {
    if (run.kill === undefined) continue;
    if (run.kill.givenUp) step.effect({ kind: 'send-kill', uuid: run.uuid, generation: run.generation });
    else changeRun(step, run, { kill: { ...run.kill, nextSignalAtMs: step.now.ms } });
  }
  continueKills(step);
}
