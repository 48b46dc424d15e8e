import type { ContainerUuid, PoolSnapshot, QueueEntry, WorkerContainer, WorkerView } from '@drover/spec';
import { isFinal } from './entry-progress.ts';
import { judgeExited, judgeFinished } from './reconcile-ended.ts';
import type { Judgement, Reconciliation, ReconcileInput } from './reconcile-types.ts';

/**
 * Compares what the queue holds with what the pool runs and says what must be put right. Pure. At most one judgement per
 * container, and none for a busy one. Ended runs come first: what they left is brought home before anything is judged lost.
 */
export function reconcile(input: ReconcileInput): Reconciliation {
  const judgements: Judgement[] = [];
  const recovering = new Set<ContainerUuid>();
  const ended = new Set<ContainerUuid>();
  const judged = new Set<ContainerUuid>();
  const judge = (uuid: ContainerUuid, judgement: Judgement | undefined): void => {
    if (judgement === undefined || judged.has(uuid) || input.isBusy(uuid)) return;
    judged.add(uuid);
    judgements.push(judgement);
  };
  for (const run of input.pool.finished) {
    ended.add(run.uuid);
    judge(run.uuid, judgeFinished(run, input.find(run.uuid)));
  }
  for (const run of input.pool.exited) {
    ended.add(run.uuid);
    judge(run.uuid, judgeExited(input, run, input.find(run.uuid)));
  }
  const placed = placements(input.pool);
  for (const [uuid, place] of placed) judge(uuid, judgePlaced(input, place, input.find(uuid)));
  for (const entry of input.held) {
    if (placed.has(entry.uuid) || ended.has(entry.uuid)) continue;
    const judgement = judgeUnplaced(input, entry);
    if (judgement === 'wait') recovering.add(entry.uuid);
    else judge(entry.uuid, judgement);
  }
  return { judgements, recovering, ended };
}

interface Place {
  readonly worker: WorkerView;
  readonly container: WorkerContainer;
}

function placements(pool: PoolSnapshot): ReadonlyMap<ContainerUuid, Place> {
  const places = new Map<ContainerUuid, Place>();
  for (const worker of pool.workers)
    for (const container of worker.containers) places.set(container.uuid, { worker, container });
  return places;
}

/** It runs, or may run, on a worker. */
function judgePlaced(input: ReconcileInput, place: Place, entry: QueueEntry | undefined): Judgement | undefined {
  const { container, worker } = place;
  const kill = (reason: string): Judgement | undefined =>
    container.phase === 'killing' ? undefined : { kind: 'kill', uuid: container.uuid, reason };
  if (entry === undefined) return input.queueLoaded ? kill('the queue does not hold it') : undefined;
  if (isFinal(entry.state)) return kill(`it is ${entry.state}`);
  if (input.fenced && container.generation > entry.generation) return undefined;
  if (entry.state === 'Queued') return kill('it is queued again');
  if (input.fenced && container.generation < entry.generation) return kill('a later attempt has taken its place');
  if (entry.priority === 0) return kill('its priority is 0');
  const runs = input.fenced && entry.state === 'Locked' && container.phase === 'running';
  return runs ? { kind: 'started', entry, worker } : undefined;
}

/** Held in the queue, but on no worker and without a run that has ended. `wait`: no proof yet that nothing of it runs. */
function judgeUnplaced(input: ReconcileInput, entry: QueueEntry): Judgement | 'wait' | undefined {
  if (isFinal(entry.state)) return { kind: 'drop', uuid: entry.uuid };
  const known = isKnown(input);
  if (entry.state === 'Running') {
    if (!known) return undefined;
    if (!input.fenced) return { kind: 'cancel', entry, reason: 'it runs on no worker' };
    const detail = 'no instance runs it any more and none holds its result';
    const at = entry.instanceId === undefined ? {} : { instanceId: entry.instanceId };
    return { kind: 'lost', entry, loss: { reason: 'instance-lost', detail, ...at } };
  }
  const unlock = (reason: string): Judgement => ({ kind: 'unlock', entry, reason, refused: false });
  if (input.isOwnLock(entry.uuid, entry.generation)) {
    if (input.windingDown) return unlock('the dispatcher starts nothing more');
    return entry.priority === 0 ? unlock('its priority is 0') : undefined;
  }
  if (input.fenced) return known ? unlock('its former dispatcher did not start it') : 'wait';
  if (known) return entry.priority === 0 ? unlock('its priority is 0') : { kind: 'adopt', entry };
  return input.pool.ready && input.staleLocksExpired ? unlock('its former dispatcher is gone') : 'wait';
}

/** Whatever runs is known; without fencing the queue must have been read since, as a run may just have ended well. */
function isKnown(input: ReconcileInput): boolean {
  const { allKnownSinceMs, lastPollBeganMs, fenced } = input;
  if (allKnownSinceMs === undefined || lastPollBeganMs === undefined) return false;
  return fenced || lastPollBeganMs >= allKnownSinceMs;
}
