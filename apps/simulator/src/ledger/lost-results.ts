import type { ContainerQueue, LogChunk } from '@drover/spec';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { type Message, withLines } from './runner-line.ts';
import { issue } from './sources.ts';

/** Ends that are lost, invented or changed on the way. */
export const lostResults: readonly PlantedBug[] = [
  {
    id: 'deleted-before-counted',
    title: 'Lets the VM delete a result before it is recorded.',
    source: issue('kubernetes/kubernetes', 78721),
    failureClass: 'lost result',
    expected: [21],
    plant: () => ({ executor: (executor) => withLines(executor, () => ({ fromRunner: acksAtOnce })) }),
  },
  {
    id: 'commit-assumed',
    title: 'Takes a result for recorded although the database has not said so.',
    source: issue('Orange-OpenSource/casskop', 370),
    failureClass: 'lost result',
    expected: [21],
    plant: () => ({ queue: assumesCommit }),
  },
  {
    id: 'agent-lost-is-failure',
    title: 'Reports a run whose end nobody knows as one that failed.',
    source: issue('buildkite/elastic-ci-stack-for-aws', 1160),
    failureClass: 'double completion',
    expected: [5],
    plant: () => ({ queue: (queue) => mapsResults(queue, (result) => failedIfUnknown(result)) }),
  },
  {
    id: 'killed-is-completed',
    title: 'Marks what was terminated from outside as completed.',
    source: issue('clearml/clearml', 1202),
    failureClass: 'double completion',
    expected: [5],
    plant: () => ({ queue: (queue) => mapsResults(queue, (result) => completedIfKilled(result)) }),
  },
  {
    id: 'completion-twice',
    title: 'Counts one end twice: its result ends the next attempt too.',
    source: issue('kubernetes/kubernetes', 105200),
    failureClass: 'double completion',
    expected: [1, 5, 11, 20],
    plant: () => ({ queue: completesTwice() }),
  },
  {
    id: 'never-acknowledged',
    title: 'Never tells VMs that their results have been collected.',
    source: issue('actions/actions-runner-controller', 4136),
    failureClass: 'leaked resource',
    expected: [21, ...neverSettles],
    plant: () => ({ executor: (executor) => withLines(executor, () => ({ toRunner: swallowsAck })) }),
  },
  {
    id: 'log-cut-off',
    title: 'Stores the beginning of a log and drops what is beyond a fixed size.',
    source: issue('gitlabhq/gitlab-ci', 145),
    failureClass: 'lost result',
    expected: [20],
    plant: () => ({ queue: (queue) => mapsLogs(queue, (bytes) => bytes.subarray(0, 1000)) }),
  },
  {
    id: 'log-tail-lost',
    title: 'Loses the last lines of a log when the container fails.',
    source: issue('travis-ci/travis-ci', 2346),
    failureClass: 'lost result',
    expected: [20],
    plant: () => ({ queue: losesTailsOfFailures }),
  },
];

function acksAtOnce(message: Message, way: { readonly send: (message: Message) => void }): readonly Message[] {
  const { type, uuid, generation, hash } = message;
  if (type === 'finished') way.send({ type: 'ack', id: 1_000_000, uuid, generation, hash });
  return [message];
}

function swallowsAck(message: Message, way: { readonly answer: (message: Message) => void }): readonly Message[] {
  if (message['type'] !== 'ack') return [message];
  way.answer({ type: 'ok', id: message['id'] });
  return [];
}

function assumesCommit(queue: ContainerQueue): ContainerQueue {
  return {
    ...queue,
    finished: async (uuid, generation, result, logs, options) => {
      try {
        return await queue.finished(uuid, generation, result, logs, options);
      } catch {
        const { entry } = await queue.fetch(uuid, options);
        return { ...entry, state: 'Complete' };
      }
    },
  };
}

type Result = Parameters<ContainerQueue['finished']>[2];

function mapsResults(queue: ContainerQueue, map: (result: Result) => Result): ContainerQueue {
  return {
    ...queue,
    finished: (uuid, generation, result, logs, options) => queue.finished(uuid, generation, map(result), logs, options),
  };
}

function failedIfUnknown(result: Result): Result {
  return result.unknown ? { ...result, unknown: false, exitCode: 255 } : result;
}

function completedIfKilled(result: Result): Result {
  const { signal: _signal, ...rest } = result;
  return result.killed ? { ...rest, killed: false, exitCode: 0 } : result;
}

/** A second attempt is ended with the result of the first, as soon as it is locked. */
function completesTwice(): (queue: ContainerQueue) => ContainerQueue {
  const results = new Map<string, Result>();
  return (queue) => ({
    ...queue,
    finished: (uuid, generation, result, logs, options) => {
      results.set(uuid, result);
      return queue.finished(uuid, generation, result, logs, options);
    },
    lock: async (uuid, generation, options) => {
      const locked = await queue.lock(uuid, generation, options);
      const old = results.get(uuid);
      if (old !== undefined)
        await queue.finished(uuid, locked.entry.generation, old, [], options).catch(() => undefined);
      return locked;
    },
  });
}

function mapsLogs(queue: ContainerQueue, map: (bytes: Uint8Array) => Uint8Array): ContainerQueue {
  const cut = (chunk: LogChunk): LogChunk => (chunk.offset === 0 ? { ...chunk, bytes: map(chunk.bytes) } : chunk);
  return {
    ...queue,
    finished: (uuid, generation, result, logs, options) =>
      queue.finished(uuid, generation, result, logs.map(cut), options),
  };
}

function losesTailsOfFailures(queue: ContainerQueue): ContainerQueue {
  const lossy = mapsLogs(queue, (bytes) => bytes.subarray(0, Math.max(0, bytes.length - 80)));
  return {
    ...queue,
    finished: (uuid, generation, result, logs, options) =>
      (result.exitCode === 0 ? queue : lossy).finished(uuid, generation, result, logs, options),
  };
}
