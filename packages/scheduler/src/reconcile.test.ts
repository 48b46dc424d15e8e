import type { PoolSnapshot, QueueEntry } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { makeEntry, makeExited, makeFinished, makeSnapshot, makeWorker } from '../test/fixture.ts';
import { Reconciler } from './reconcile.ts';
import type { ReconcileInput } from './reconcile-types.ts';

interface Case {
  readonly name: string;
  readonly entry?: Partial<QueueEntry>;
  readonly pool?: Partial<PoolSnapshot>;
  readonly input?: Partial<ReconcileInput>;
  /** Kind of the one judgement, with its main detail; undefined: none. */
  readonly expected: string | undefined;
}

const on = (phase: 'starting' | 'running' | 'killing', generation = 1): Partial<PoolSnapshot> => ({
  workers: [makeWorker([{ uuid: 'c1', generation, phase }])],
});
const locked = { state: 'Locked', generation: 1 } as const;
const running = { state: 'Running', generation: 1 } as const;
const own: Partial<ReconcileInput> = { isOwnLock: () => true };
const unknown: Partial<ReconcileInput> = { allKnownSinceMs: undefined };
const finished = (generation = 1): Partial<PoolSnapshot> => ({ finished: [makeFinished({ generation })] });
const notStarted: Partial<PoolSnapshot> = { exited: [makeExited({ reason: 'not-started', detail: 'refused' })] };
const vanished = (generation = 1): Partial<PoolSnapshot> => ({ exited: [makeExited({ generation })] });

function judge(testCase: Case, fenced: boolean): string | undefined {
  const entry = testCase.entry === undefined ? undefined : makeEntry(testCase.entry);
  const { judgements, recovering } = new Reconciler().reconcile({
    pool: makeSnapshot(testCase.pool),
    queueLoaded: true,
    find: (uuid) => (uuid === entry?.uuid ? entry : undefined),
    changed: undefined,
    held: entry === undefined || entry.state === 'Queued' ? [] : [entry],
    fenced,
    isBusy: () => false,
    isOwnLock: () => false,
    lastPollBeganMs: 100,
    allKnownSinceMs: 50,
    staleLocksExpired: false,
    refusedStarts: () => 0,
    maxRefusedStarts: 3,
    windingDown: false,
    ...testCase.input,
  });
  expect(judgements.length).toBeLessThanOrEqual(1);
  if (recovering.size > 0) return 'recovering';
  const [first] = judgements;
  if (first === undefined) return undefined;
  if (first.kind === 'lost') return `lost ${first.loss.reason}`;
  if (first.kind === 'unlock') return first.refused ? 'unlock refused' : 'unlock';
  return first.kind;
}

const both: readonly Case[] = [
  { name: 'queued, nowhere', entry: {}, expected: undefined },
  { name: 'queued, on a worker', entry: { generation: 1 }, pool: on('running'), expected: 'kill' },
  { name: 'queued, being killed', entry: { generation: 1 }, pool: on('killing'), expected: undefined },
  { name: 'complete, on a worker', entry: { ...running, state: 'Complete' }, pool: on('running'), expected: 'kill' },
  { name: 'cancelled, starting', entry: { ...locked, state: 'Cancelled' }, pool: on('starting'), expected: 'kill' },
  { name: 'complete, nowhere', entry: { ...running, state: 'Complete' }, expected: 'drop' },
  { name: 'not in the queue, on a worker', pool: on('running'), expected: 'kill' },
  { name: 'queue not read yet', pool: on('running'), input: { queueLoaded: false }, expected: undefined },
  { name: 'running on a worker', entry: running, pool: on('running'), expected: undefined },
  { name: 'running, priority 0', entry: { ...running, priority: 0 }, pool: on('running'), expected: 'kill' },
  { name: 'locked, starting', entry: locked, pool: on('starting'), input: own, expected: undefined },
  {
    name: 'locked, starting, priority 0',
    entry: { ...locked, priority: 0 },
    pool: on('starting'),
    input: own,
    expected: 'kill',
  },
  { name: 'own lock, nowhere', entry: locked, input: own, expected: undefined },
  { name: 'own lock, nowhere, priority 0', entry: { ...locked, priority: 0 }, input: own, expected: 'unlock' },
  { name: 'own lock, nowhere, winding down', entry: locked, input: { ...own, windingDown: true }, expected: 'unlock' },
  { name: 'former lock, workers unknown', entry: locked, input: unknown, expected: 'recovering' },
  { name: 'running, nowhere, workers unknown', entry: running, input: unknown, expected: undefined },
  { name: 'busy', entry: running, input: { isBusy: () => true }, expected: undefined },
  { name: 'gone, forgotten by the queue', pool: vanished(), expected: 'forget' },
  { name: 'gone, queue not read yet', pool: vanished(), input: { queueLoaded: false }, expected: undefined },
  { name: 'gone, queued again', entry: { generation: 1 }, pool: vanished(), expected: 'forget' },
  { name: 'gone, final', entry: { ...running, state: 'Cancelled' }, pool: vanished(), expected: 'forget' },
];

const fencedCases: readonly Case[] = [
  { name: 'running, nowhere', entry: running, expected: 'lost instance-lost' },
  { name: 'locked, running on a worker', entry: locked, pool: on('running'), expected: 'started' },
  {
    name: 'later attempt than on the worker',
    entry: { ...locked, generation: 2 },
    pool: on('running'),
    expected: 'kill',
  },
  { name: 'queue older than the worker', entry: { generation: 0 }, pool: on('running'), expected: undefined },
  { name: 'former lock, all known', entry: locked, expected: 'unlock' },
  {
    name: 'former lock, stale but unknown',
    entry: locked,
    input: { ...unknown, staleLocksExpired: true },
    expected: 'recovering',
  },
  { name: 'finished', entry: running, pool: finished(), expected: 'collect' },
  { name: 'finished before started was recorded', entry: locked, pool: finished(), expected: 'collect' },
  {
    name: 'finished, queue not read yet',
    pool: finished(),
    input: { queueLoaded: false, ...unknown },
    expected: 'collect',
  },
  { name: 'finished, not in the queue', pool: finished(), expected: 'collect' },
  { name: 'finished, queued again', entry: { generation: 1 }, pool: finished(), expected: 'discard' },
  { name: 'finished, later attempt', entry: { ...locked, generation: 2 }, pool: finished(), expected: 'discard' },
  { name: 'finished and complete', entry: { ...running, state: 'Complete' }, pool: finished(), expected: 'discard' },
  { name: 'gone while running', entry: running, pool: vanished(), expected: 'lost instance-lost' },
  { name: 'gone while locked', entry: locked, pool: vanished(), expected: 'lost instance-lost' },
  { name: 'gone, later attempt', entry: { ...locked, generation: 2 }, pool: vanished(), expected: 'forget' },
  { name: 'gone, queue behind', entry: { generation: 0 }, pool: vanished(), expected: undefined },
  { name: 'start refused', entry: locked, pool: notStarted, expected: 'unlock refused' },
  { name: 'start refused after all', entry: running, pool: notStarted, expected: 'lost start-failed' },
  {
    name: 'start refused too often',
    entry: locked,
    pool: notStarted,
    input: { refusedStarts: () => 3 },
    expected: 'lost start-failed',
  },
];

const unfencedCases: readonly Case[] = [
  { name: 'running, nowhere', entry: running, expected: 'cancel' },
  {
    name: 'running, nowhere, queue read too early',
    entry: running,
    input: { lastPollBeganMs: 40 },
    expected: undefined,
  },
  { name: 'locked, running on a worker', entry: locked, pool: on('running'), expected: undefined },
  { name: 'former lock, all known', entry: locked, expected: 'adopt' },
  { name: 'former lock, all known, priority 0', entry: { ...locked, priority: 0 }, expected: 'unlock' },
  {
    name: 'former lock, stale though unknown',
    entry: locked,
    input: { ...unknown, staleLocksExpired: true },
    expected: 'unlock',
  },
  { name: 'gone while running, queue read since', entry: running, pool: vanished(), expected: 'cancel' },
  {
    name: 'gone while running, queue not read since',
    entry: running,
    pool: vanished(),
    input: { lastPollBeganMs: 5 },
    expected: undefined,
  },
  { name: 'gone while locked', entry: locked, pool: vanished(), input: own, expected: 'unlock' },
];

describe.each([
  { queue: 'fenced', fenced: true, cases: [...both, ...fencedCases] },
  { queue: 'unfenced', fenced: false, cases: [...both, ...unfencedCases] },
])('$queue queue', ({ fenced, cases }) => {
  it.each(cases)('$name → $expected', (testCase) => {
    expect(judge(testCase, fenced)).toBe(testCase.expected);
  });
});

describe('order', () => {
  it('brings results home before it judges anything lost', () => {
    const entry = makeEntry({ ...running });
    const { judgements, ended } = new Reconciler().reconcile({
      pool: makeSnapshot({ finished: [makeFinished()], exited: [makeExited()] }),
      queueLoaded: true,
      find: () => entry,
      changed: undefined,
      held: [entry],
      fenced: true,
      isBusy: () => false,
      isOwnLock: () => false,
      lastPollBeganMs: 100,
      allKnownSinceMs: 50,
      staleLocksExpired: true,
      refusedStarts: () => 0,
      maxRefusedStarts: 3,
      windingDown: false,
    });
    expect(judgements.map((judgement) => judgement.kind)).toEqual(['collect']);
    expect([...ended]).toEqual(['c1']);
  });
});
