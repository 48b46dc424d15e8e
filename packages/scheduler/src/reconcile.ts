import type { ContainerUuid, QueueEntry } from '@drover/spec';
import { isFinal } from './entry-progress.ts';
import { judgeExited, judgeFinished } from './reconcile-ended.ts';
import { type Place, Placements } from './placements.ts';
import type { Judgement, Reconciliation, ReconcileInput } from './reconcile-types.ts';

/**
 * Compares what the queue holds with what the pool runs and says what must be put right: at most one judgement per container, and
 * none for a busy one. Ended runs come first: what they left is brought home before anything is judged lost.
 *
 * It decides by the input alone. What it remembers only spares looking again at a container that runs as it should and of which
 * nothing has changed: in a large fleet that is nearly every one.
 */
export class Reconciler {
  readonly #placements = new Placements();
  /** To be looked at: something about them has changed, or is still to be put right or waited for. */
  readonly #open = new Set<ContainerUuid>();
  #circumstances = -1;

  reconcile(input: ReconcileInput): Reconciliation {
    const pass = new ReconcilePass(input);
    pass.judgeEnded();
    this.#placements.sync(input.pool.workers, this.#open);
    this.#reopen(input);
    for (const uuid of this.#open) if (pass.judge(uuid, this.#placements.get(uuid))) this.#open.delete(uuid);
    return pass;
  }

  #reopen(input: ReconcileInput): void {
    const { changed, held, fenced } = input;
    const circumstances = circumstancesOf(input);
    const all = changed === undefined || !fenced || circumstances !== this.#circumstances;
    this.#circumstances = circumstances;
    if (all) {
      for (const uuid of this.#placements.uuids()) this.#open.add(uuid);
      for (const { uuid } of held) this.#open.add(uuid);
    } else for (const uuid of changed) this.#open.add(uuid);
  }
}

/** Everything that judgements rest on beside the container itself, as one number. */
function circumstancesOf(input: ReconcileInput): number {
  const { queueLoaded, windingDown, staleLocksExpired, pool } = input;
  const facts = [queueLoaded, isKnown(input), windingDown, staleLocksExpired, pool.ready];
  return facts.reduce((sum, fact, bit) => sum + (fact ? 2 ** bit : 0), 0);
}

/** One comparison. */
class ReconcilePass implements Reconciliation {
  readonly judgements: Judgement[] = [];
  readonly recovering = new Set<ContainerUuid>();
  readonly ended = new Set<ContainerUuid>();
  readonly #input: ReconcileInput;
  readonly #judged = new Set<ContainerUuid>();

  constructor(input: ReconcileInput) {
    this.#input = input;
  }

  judgeEnded(): void {
    const { pool, find } = this.#input;
    for (const run of pool.finished) {
      this.ended.add(run.uuid);
      this.#add(run.uuid, judgeFinished(run, find(run.uuid)));
    }
    for (const run of pool.exited) {
      this.ended.add(run.uuid);
      this.#add(run.uuid, judgeExited(this.#input, run, find(run.uuid)));
    }
  }

  /** True: it need not be looked at again before something about it changes. */
  judge(uuid: ContainerUuid, place: Place | undefined): boolean {
    const { find, isBusy } = this.#input;
    const entry = find(uuid);
    if (place !== undefined) {
      const judgement = judgePlaced(this.#input, place, entry);
      this.#add(uuid, judgement);
      return judgement === undefined && !isBusy(uuid);
    }
    if (this.ended.has(uuid)) return false;
    if (entry === undefined || entry.state === 'Queued') return true;
    const judgement = judgeUnplaced(this.#input, entry);
    if (judgement === 'wait') this.recovering.add(uuid);
    else this.#add(uuid, judgement);
    return false;
  }

  #add(uuid: ContainerUuid, judgement: Judgement | undefined): void {
    if (judgement === undefined || this.#judged.has(uuid) || this.#input.isBusy(uuid)) return;
    this.#judged.add(uuid);
    this.judgements.push(judgement);
  }
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
