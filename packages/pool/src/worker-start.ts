import type { LockedContainer } from '@drover/spec';
import { countVerdict } from './black-hole.ts';
import { isStartable, type Worker } from './worker.ts';
import type { RunnerAnswer } from './worker-protocol.ts';
import { addRun, confirmRun, endRun, findRun, type RunKey, sameRun } from './worker-runs.ts';
import { markBroken } from './worker-status.ts';
import type { WorkerStep } from './worker-step.ts';

/** Sends a container to the worker, if it can take it now. Until something proves otherwise it may run from here on. */
export function startContainer(step: WorkerStep, container: LockedContainer): void {
  const { worker } = step;
  const { uuid, generation } = container.entry;
  if (findRun(worker, { uuid, generation }) !== undefined) return;
  if (worker.idleBehavior === 'hold') {
    step.outcome = { kind: 'declined', reason: 'hold' };
    return;
  }
  if (worker.runs.some((run) => run.uuid === uuid) || worker.uncollected.some((u) => u.uuid === uuid)) {
    step.outcome = { kind: 'declined', reason: 'busy' };
    return;
  }
  const gpuDevices = freeGpuDevices(worker, container.spec.resources.gpu?.count ?? 0);
  if (!isStartable(worker) || gpuDevices === undefined) {
    step.outcome = { kind: 'declined', reason: 'not-startable' };
    return;
  }
  step.set({ uses: worker.uses + 1 });
  // A later attempt has waited for more than a place in the queue.
  const first = generation === 1 ? { submittedAtWallMs: container.entry.submittedAtMs } : {};
  addRun(step, { uuid, generation }, { phase: 'sent', gpuDevices, stale: false, ...first });
  step.event({ type: 'container-starting', uuid, generation, instanceId: worker.instance.id });
  step.effect({ kind: 'send-start', container, gpuDevices });
}

/** The runner took the start or refused it. A refusal proves that this start did nothing. */
export function startAnswered(step: WorkerStep, key: RunKey, answer: RunnerAnswer): void {
  const run = findRun(step.worker, key);
  if (run === undefined) return;
  if (answer.ok) {
    confirmRun(step, run, 'accepted');
    return;
  }
  if (run.phase === 'running') return;
  if (answer.code === 'already-finished') {
    // It ran before we knew: the next status brings its result.
    step.set({ probeDueAtMs: step.now.ms });
    return;
  }
  const error = new Error(`${answer.code}: ${answer.message}`);
  const { uuid, generation } = run;
  step.event({
    type: 'container-start-failed',
    uuid,
    generation,
    instanceId: step.worker.instance.id,
    error,
  });
  if (answer.code === 'broken') {
    countVerdict(step, uuid, 'speaks-against-it');
    markBroken(step, answer.message);
  }
  endRun(step, key, 'not-started', error.message);
}

/** The result is durable elsewhere: the runner may forget the run. */
export function collectedRun(step: WorkerStep, key: RunKey): void {
  const { worker } = step;
  const kept = worker.uncollected.find((u) => sameRun(u, key));
  if (kept === undefined || kept.collected) return;
  step.set({ uncollected: worker.uncollected.map((u) => (u === kept ? { ...u, collected: true } : u)) });
  const { uuid, generation, hash } = kept;
  if (worker.link.kind === 'open') step.effect({ kind: 'send-ack', uuid, generation, hash });
}

/** The runner's answer to an acknowledgement. */
export function ackAnswered(step: WorkerStep, key: RunKey, answer: RunnerAnswer): void {
  const { worker } = step;
  if (!worker.uncollected.some((u) => sameRun(u, key) && u.collected)) return;
  const forgotten = answer.ok || answer.code === 'not-found';
  const otherResult = !answer.ok && answer.code === 'hash-mismatch';
  if (!forgotten && !otherResult) return;
  step.set({
    uncollected: worker.uncollected.filter((u) => !sameRun(u, key)),
    revision: worker.revision + 1,
  });
  // The VM holds another result than the one that was recorded: have it listed and presented again.
  if (otherResult) step.set({ probeDueAtMs: step.now.ms });
}

/** The lowest free device indexes, or undefined when there are too few. */
function freeGpuDevices(worker: Worker, count: number): readonly number[] | undefined {
  if (count === 0) return [];
  const free: number[] = [];
  for (let device = 0; device < (worker.type.gpu?.count ?? 0); device += 1)
    if (!worker.runs.some((run) => run.gpuDevices.includes(device))) free.push(device);
  return free.length < count ? undefined : free.slice(0, count);
}
