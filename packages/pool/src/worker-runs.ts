import type { ContainerUuid, ExitedRun, InlineLog, RunResult } from '@drover/spec';
import type { Run, Worker } from './worker.ts';
import type { WorkerStep } from './worker-step.ts';

/** An attempt on a worker. */
export interface RunKey {
  readonly uuid: ContainerUuid;
  readonly generation: number;
}

/** Whether two name the same attempt. */
export function sameRun(a: RunKey, b: RunKey): boolean {
  return a.uuid === b.uuid && a.generation === b.generation;
}

/** The run, if it is on this worker. */
export function findRun(worker: Worker, key: RunKey): Run | undefined {
  return worker.runs.find((run) => sameRun(run, key));
}

/** Adds a run that was started or found; the worker is busy from now on. */
export function addRun(
  step: WorkerStep,
  key: RunKey,
  how: Pick<Run, 'phase' | 'gpuDevices' | 'stale' | 'submittedAtWallMs'>,
): void {
  const { worker, now } = step;
  const revision = worker.revision + 1;
  const run: Run = { uuid: key.uuid, generation: key.generation, sinceMs: now.ms, revision, ...how };
  step.set({
    runs: [...worker.runs, run],
    revision,
    lastBusyAtMs: now.ms,
    lastBusyAtWallMs: now.wallMs,
    lastContainerUuid: key.uuid,
  });
  settleBusyState(step);
}

/** Replaces a run by a changed one. */
export function changeRun(step: WorkerStep, key: RunKey, changes: Partial<Run>): void {
  step.set({ runs: step.worker.runs.map((run) => (sameRun(run, key) ? { ...run, ...changes } : run)) });
}

/** The runner has it, or says that it runs. */
export function confirmRun(step: WorkerStep, run: Run, phase: 'accepted' | 'running'): void {
  if (run.phase === 'running' || run.phase === phase) return;
  changeRun(step, run, { phase });
  if (phase === 'running')
    step.event({
      type: 'container-started',
      uuid: run.uuid,
      generation: run.generation,
      instanceId: step.worker.instance.id,
      ...(run.submittedAtWallMs === undefined ? {} : { sinceQueuedMs: step.now.wallMs - run.submittedAtWallMs }),
    });
}

/** A run that the VM reports and we did not know of. */
export function adoptRun(
  step: WorkerStep,
  key: RunKey,
  { stale, gpuDevices }: { readonly stale: boolean; readonly gpuDevices: readonly number[] },
): void {
  addRun(step, key, { phase: 'running', gpuDevices, stale });
  step.event({
    type: 'container-adopted',
    uuid: key.uuid,
    generation: key.generation,
    instanceId: step.worker.instance.id,
  });
}

/** A run is over for certain without a result: says so, once, with the proof. */
export function endRun(step: WorkerStep, key: RunKey, reason: ExitedRun['reason'], detail: string): void {
  const { worker, now } = step;
  const instanceId = worker.instance.id;
  const { uuid, generation } = key;
  removeRun(step, key);
  step.effect({ kind: 'exited', run: { uuid, generation, instanceId, atMs: now.ms, reason, detail } });
  step.event({ type: 'container-exited', uuid, generation, instanceId, reason });
}

/** A run has ended with a result, which waits on the VM. */
export function finishRun(
  step: WorkerStep,
  key: RunKey,
  end: { readonly result: RunResult; readonly hash: string; readonly logs: readonly InlineLog[] },
): void {
  const { uuid, generation } = key;
  removeRun(step, key);
  const { worker } = step;
  const whole = end.result.logs.every((log) => log.sizeBytes === 0 || end.logs.some((l) => l.stream === log.stream));
  step.set({
    uncollected: [...worker.uncollected, { uuid, generation, hash: end.hash, collected: false, whole }],
    revision: worker.revision + 1,
    lastContainerUuid: uuid,
  });
  const instanceId = worker.instance.id;
  const { result, hash, logs } = end;
  const { pricePerHour, type } = worker;
  const run = { uuid, generation, instanceId, instanceType: type.name, pricePerHour, result, hash, logs };
  step.effect({ kind: 'finished', run });
  step.event({ type: 'container-exited', uuid, generation, instanceId, reason: describeEnd(end.result) });
}

function removeRun(step: WorkerStep, key: RunKey): void {
  const { worker, now } = step;
  if (findRun(worker, key) === undefined) return;
  step.set({
    runs: worker.runs.filter((run) => !sameRun(run, key)),
    revision: worker.revision + 1,
    lastBusyAtMs: now.ms,
    lastBusyAtWallMs: now.wallMs,
  });
  settleBusyState(step);
}

/** A ready worker is `running` exactly while it has runs. */
export function settleBusyState(step: WorkerStep): void {
  const { state, runs } = step.worker;
  if (state === 'idle' && runs.length > 0) step.setState('running', 'a container runs on it');
  if (state === 'running' && runs.length === 0) step.setState('idle', 'its last container has ended');
}

function describeEnd(result: RunResult): string {
  if (result.unknown) return 'unknown';
  if (result.startError !== undefined) return 'start error';
  if (result.oom) return 'out of memory';
  if (result.timedOut) return 'timed out';
  if (result.signal !== undefined) return result.signal;
  return `exit code ${result.exitCode ?? 'unknown'}`;
}
