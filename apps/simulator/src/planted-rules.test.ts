import type { ContainerQueue } from '@drover/spec';
import type { QueueRules } from '@drover/testkit';
import { expect, it } from 'vitest';
import { numbersBroken, type Planted } from '../test/planted.ts';

/** Takes the end of an attempt that has been recorded for another one. */
const endsTwice =
  (rules: QueueRules): QueueRules =>
  (command, situation) => {
    const verdict = rules(command, situation);
    const { facts, attempt } = situation;
    if (verdict.kind !== 'repeat' || command.kind !== 'finished' || attempt === undefined) return verdict;
    return rules(command, {
      ...situation,
      facts: { ...facts, state: 'Running' },
      attempt: { generation: attempt.generation, lockedAtMs: attempt.lockedAtMs },
    });
  };

/** Hands a container whose VM was lost straight to the next one. */
const locksWhatWasLost =
  (rules: QueueRules): QueueRules =>
  (command, situation) => {
    const verdict = rules(command, situation);
    if (verdict.kind !== 'change' || command.kind !== 'lost' || verdict.facts.state !== 'Queued') return verdict;
    return { ...verdict, facts: { ...verdict.facts, state: 'Locked' } };
  };

/** Gives another lock the number of the attempt before. */
const countsNoLocks =
  (rules: QueueRules): QueueRules =>
  (command, situation) => {
    const verdict = rules(command, situation);
    if (verdict.kind !== 'change' || command.kind !== 'lock' || command.generation === 0) return verdict;
    const { generation } = command;
    const attempt = verdict.attempt === undefined ? undefined : { ...verdict.attempt, generation };
    return { ...verdict, facts: { ...verdict.facts, generation }, attempt };
  };

const triesForEver =
  (rules: QueueRules): QueueRules =>
  (command, situation) =>
    rules(command, {
      ...situation,
      limits: { ...situation.limits, infrastructureFailures: 1e9, startedAttempts: 1e9 },
    });

function reportsTwice(queue: ContainerQueue): ContainerQueue {
  return {
    ...queue,
    finished: async (...end) => {
      await queue.finished(...end);
      return queue.finished(...end);
    },
  };
}

const bugs: readonly Planted[] = [
  {
    name: 'counts an end twice that a dispatcher tells of twice',
    breaks: 2,
    over: { faults: [], runMs: [1000, 2000] },
    plant: () => ({ rules: endsTwice, queue: reportsTwice }),
  },
  {
    name: 'locks a lost container for nobody',
    breaks: 3,
    over: { faults: ['vm-lost'], faultIntensity: 3, containers: 30, runMs: [200_000, 300_000] },
    plant: () => ({ rules: locksWhatWasLost }),
  },
  {
    name: 'gives the number of an attempt to the next one too',
    breaks: 4,
    over: { faults: ['vm-lost'], faultIntensity: 3, containers: 30, runMs: [200_000, 300_000] },
    plant: () => ({ rules: countsNoLocks }),
  },
  {
    name: 'tries again however often that came to nothing',
    breaks: 6,
    // The model of the queue sees the first attempt too many when it is allowed, before it starts.
    unasked: [0],
    over: {
      faults: ['runner-killed'],
      faultIntensity: 3,
      containers: 4,
      maxInstances: 1,
      maxContainersPerInstance: 1,
      runMs: [3_600_000, 3_600_000],
      submitOverMs: 0,
      healAtMs: 7_200_000,
    },
    plant: () => ({ rules: triesForEver }),
  },
];

it.each(bugs)('a queue that $name is found by invariant $breaks', { timeout: 60_000 }, async (bug) => {
  expect(await numbersBroken(bug)).toContain(bug.breaks);
});
