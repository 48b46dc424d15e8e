import type { ContainerQueue, InstanceId, QueueEntry, StateStore } from '@drover/spec';
import type { Sabotage } from '../incarnation.ts';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { type LineMutation, type Way, withExecutor, withLines } from './runner-line.ts';
import { arvados, issue } from './sources.ts';
import { withFaults } from './with-faults.ts';

const signal = new AbortController().signal;

/** Containers given away while something of them may still run. */
export const unprovenUnlocks: readonly PlantedBug[] = [
  {
    id: 'stale-locks-too-early',
    title: 'Unlocks at its start what seems to run nowhere, before it has seen what runs.',
    source: arvados('2a748e79c3a72454d70e40f39fcad9dabf4943cc', 14977),
    failureClass: 'race on unlock',
    expected: [1, 3, 11, ...neverSettles],
    where: (drawn) => withFaults(drawn, ['dispatcher-crash', 'queue-busy', 'queue-hangs', 'commit-unknown']),
    plant: () => ({ queue: (queue) => atFirstPoll(queue, 'Locked', unlockIt) }),
  },
  {
    id: 'unlocks-twice',
    title: 'Unlocks a container twice, the second time after it was locked anew.',
    source: arvados('5a36ea60cadf2f041f460eeeea970ff9dac66e71', 18102),
    failureClass: 'race on unlock',
    expected: [1, 3, 11],
    plant: unlocksTwice,
  },
  {
    id: 'old-runs-not-awaited',
    title: 'Queues a container again while a run of it is still there.',
    source: arvados('965b6fc27b3eaf3a812132cea093b03b02f35896', 16723),
    failureClass: 'race on unlock',
    expected: [1, 3, 11],
    plant: () => ({ queue: requeuesWhileRunning() }),
  },
  {
    id: 'orphans-before-probe',
    title: 'Gives up running containers at its start that no VM has reported yet.',
    source: arvados('3aa3fb78afa46e98c9be345045f4fea9fea0f08c', 16663),
    failureClass: 'race on unlock',
    expected: [1, 3, 11],
    plant: () => ({ queue: (queue) => atFirstPoll(queue, 'Running', loseIt) }),
  },
  {
    id: 'restart-runs-again',
    title: 'After a restart queues again whatever was under way.',
    source: issue('apache/airflow', 23520),
    failureClass: 'forgetting at restart',
    expected: [1, 3, 11],
    plant: () => ({
      queue: (queue) => atFirstPoll(atFirstPoll(queue, 'Running', loseIt), 'Locked', unlockIt),
    }),
  },
  {
    id: 'lost-reply-is-refusal',
    title: 'Takes a start whose answer was lost for one that never happened.',
    source: issue('apache/airflow', 58570),
    failureClass: 'race on unlock',
    expected: [1, 3, 11, 15],
    plant: () => ({ executor: (executor) => withLines(executor, refusesSomeStarts()) }),
  },
  {
    id: 'unreachable-is-dead',
    title: 'Takes a VM that cannot be reached for dead, and gives its containers to others.',
    source: issue('hashicorp/nomad', 17424),
    failureClass: 'race on unlock',
    expected: [1, 3, 7, 11, 13],
    plant: unreachableIsDead,
  },
  {
    id: 'same-job-two-nodes',
    title: 'Two decisions about one container are made at once, and it is started on two VMs.',
    source: issue('apache/airflow', 13808),
    failureClass: 'race on unlock',
    expected: [1, 15],
    plant: startsOnTwo,
  },
  {
    id: 'lead-lost-unheard',
    title: 'Goes on with its work after it has lost the lead.',
    source: issue('kyverno/kyverno', 14984),
    failureClass: 'split brain',
    expected: [1, 7, 18, ...neverSettles],
    plant: () => ({ state: neverHearsOfLoss }),
  },
  {
    id: 'no-fence-between-dispatchers',
    title: 'Two dispatchers compete and neither carries a number by which VMs could tell the newer one.',
    source: arvados('65b12213f740b117fb14822bce0dbb415257c355', 18071),
    failureClass: 'split brain',
    expected: [1, 18, ...neverSettles],
    plant: () => ({ state: alwaysFirstEpoch }),
  },
];

type Judgement = (queue: ContainerQueue, entry: QueueEntry) => Promise<unknown>;

const unlockIt: Judgement = (queue, { uuid, generation }) => queue.unlock(uuid, generation, 'it is stale', { signal });
const loseIt: Judgement = (queue, { uuid, generation }) =>
  queue.lost(uuid, generation, { reason: 'instance-lost', detail: 'it is nowhere' }, { signal });

/** Judges every container of this state in the first update of each incarnation. */
function atFirstPoll(queue: ContainerQueue, state: QueueEntry['state'], judge: Judgement): ContainerQueue {
  let isFirst = true;
  return {
    ...queue,
    poll: async (since, options) => {
      const update = await queue.poll(since, options);
      const judged = isFirst ? update.entries.filter((entry) => entry.state === state) : [];
      isFirst = false;
      for (const entry of judged) judge(queue, entry).catch(() => undefined);
      return update;
    },
  };
}

/** What was unlocked is unlocked again right after its next lock. */
function unlocksTwice(): Sabotage {
  const again = new Set<string>();
  return {
    queue: (queue) => ({
      ...queue,
      unlock: (uuid, generation, reason, options) => {
        again.add(uuid);
        return queue.unlock(uuid, generation, reason, options);
      },
      lock: async (uuid, generation, options) => {
        const locked = await queue.lock(uuid, generation, options);
        if (again.delete(uuid))
          await queue.unlock(uuid, locked.entry.generation, 'again', options).catch(() => undefined);
        return locked;
      },
    }),
  };
}

/** Every fifth start is followed by a loss, as if something else had changed meanwhile. */
function requeuesWhileRunning(): (queue: ContainerQueue) => ContainerQueue {
  let count = 0;
  return (queue) => ({
    ...queue,
    started: async (uuid, generation, record, options) => {
      const entry = await queue.started(uuid, generation, record, options);
      count += 1;
      if (count % 5 !== 0) return entry;
      return queue.lost(uuid, generation, { reason: 'instance-lost', detail: 'queued again' }, options);
    },
  });
}

/** Every fourth start is answered as refused, and what the runner says of it is not believed. */
function refusesSomeStarts(): () => LineMutation {
  let count = 0;
  const denied = new Set<unknown>();
  return () => {
    const unheard = new Set<unknown>();
    return {
      toRunner: (message, way) => {
        const { type, id, uuid } = message;
        if (type !== 'start') return [message];
        denied.delete(uuid);
        count += 1;
        if (count % 4 !== 0) return [message];
        denied.add(uuid);
        unheard.add(id);
        way.send(message);
        way.answer({ type: 'refused', id, code: 'draining', message: 'no answer' });
        return [];
      },
      fromRunner: (message) => (unheard.has(message['id']) || denied.has(message['uuid']) ? [] : [message]),
    };
  };
}

/** A VM that refused a connection is gone for all that the cloud is asked. */
function unreachableIsDead(): Sabotage {
  const unreachable = new Set<InstanceId>();
  return {
    cloud: (cloud) => ({
      ...cloud,
      list: async (tags, options) => {
        const listing = await cloud.list(tags, options);
        return { ...listing, instances: listing.instances.filter(({ id }) => !unreachable.has(id)) };
      },
      describe: async (id, options) => (unreachable.has(id) ? 'gone' : cloud.describe(id, options)),
    }),
    executor: (executor, id) =>
      withExecutor(executor, {
        connect: async (options) => {
          try {
            return await executor.connect(options);
          } catch (error) {
            if (!options.signal.aborted) unreachable.add(id);
            throw error;
          }
        },
      }),
  };
}

function startsOnTwo(): Sabotage {
  const ways = new Map<InstanceId, Way>();
  return {
    executor: (executor, id) =>
      withLines(executor, () => ({
        toRunner: (message, way) => {
          ways.set(id, way);
          if (message['type'] === 'start')
            for (const [other, theirs] of ways) if (other !== id) theirs.send({ ...message, id: 1_000_000 });
          return [message];
        },
      })),
  };
}

function neverHearsOfLoss(state: StateStore): StateStore {
  return {
    ...state,
    lead: async (options) => ({ ...(await state.lead(options)), onLost: () => () => undefined }),
  };
}

function alwaysFirstEpoch(state: StateStore): StateStore {
  return { ...state, lead: async (options) => ({ ...(await neverHearsOfLoss(state).lead(options)), epoch: 1 }) };
}
