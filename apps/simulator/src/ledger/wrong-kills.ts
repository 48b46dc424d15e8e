import type { ContainerQueue } from '@drover/spec';
import type { Sabotage } from '../incarnation.ts';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { type Message, withLines } from './runner-line.ts';
import { arvados, issue } from './sources.ts';
import { withFaults } from './with-faults.ts';
import type { Scenario } from '../scenario.ts';
import { simulatedTypes } from '../plans/simulated-types.ts';

/** Cancels that do not arrive, come once only, or hit another one. */
export const wrongKills: readonly PlantedBug[] = [
  {
    id: 'cancel-without-kill',
    title: 'Marks a container as cancelled and tells nobody who runs it.',
    source: issue('travis-ci/travis-ci', 1507),
    failureClass: 'lost event',
    expected: [11, 23],
    where: manyOnOne,
    plant: () => ({ executor: (executor) => withLines(executor, () => ({ toRunner: swallowKill })) }),
  },
  {
    id: 'cancelled-but-picked-up',
    title: 'Hands a container out although its cancellation is on record.',
    source: issue('TencentBlueKing/bk-ci', 7959),
    failureClass: 'stale read',
    expected: [23, ...neverSettles],
    where: (drawn) => ({ ...withFaults(drawn, ['priority-zero']), runMs: [600_000, 3_600_000] }),
    plant: () => ({ queue: seesNoCancel }),
  },
  {
    id: 'recycled-pid',
    title: 'Kills by a stored number that belongs to another process by now.',
    source: issue('hashicorp/nomad', 17960),
    failureClass: 'foreign process',
    expected: [11, 22, 23],
    where: manyOnOne,
    plant: () => killsAnother('instead'),
  },
  {
    id: 'cancel-hits-the-agent',
    title: 'Cancels whatever the VM works on, not the container that was meant.',
    source: issue('gocd/gocd', 7197),
    failureClass: 'foreign process',
    expected: [22],
    where: manyOnOne,
    plant: () => killsAnother('as well'),
  },
  {
    id: 'unknown-at-start-killed',
    title: 'Kills at its start what it does not manage.',
    source: issue('hashicorp/nomad', 23969),
    failureClass: 'foreign process',
    expected: [22],
    plant: killsWhatItFinds,
  },
  {
    id: 'kill-races-with-start',
    title: 'Kills by name alone: a kill of a former attempt ends the one that was started meanwhile.',
    source: arvados('e49cf0412503926eccfe829f2135c5a072b6acc9', 16723),
    failureClass: 'foreign process',
    expected: [22],
    plant: killsTheNextAttempt,
  },
];

/** Users who change their minds about containers that share VMs. */
function manyOnOne(drawn: Scenario): Partial<Scenario> {
  return {
    ...withFaults(drawn, ['priority-zero']),
    containers: 30,
    runMs: [300_000, 1_800_000],
    instanceTypes: simulatedTypes,
    maxContainersPerInstance: 0,
    maxInstances: 3,
  };
}

function swallowKill(message: Message, way: { readonly answer: (message: Message) => void }): readonly Message[] {
  if (message['type'] !== 'kill') return [message];
  way.answer({ type: 'ok', id: message['id'] });
  return [];
}

function seesNoCancel(queue: ContainerQueue): ContainerQueue {
  return {
    ...queue,
    poll: async (since, options) => {
      const update = await queue.poll(since, options);
      return {
        ...update,
        entries: update.entries.map((entry) => ({ ...entry, priority: Math.max(1, entry.priority) })),
      };
    },
  };
}

/** A kill goes to another container that was started on the VM, or to all of them. */
function killsAnother(how: 'instead' | 'as well'): Sabotage {
  return {
    executor: (executor) => {
      const started = new Map<unknown, unknown>();
      return withLines(executor, () => ({
        toRunner: (message) => {
          const { type, uuid, generation } = message;
          if (type === 'start') started.set(uuid, generation);
          if (type !== 'kill') return [message];
          const others = [...started].filter(([other]) => other !== uuid);
          const kills = others.map(([other, theirs]) => ({ ...message, uuid: other, generation: theirs }));
          return how === 'instead' ? [kills.at(-1) ?? message] : [message, ...kills];
        },
      }));
    },
  };
}

/** The first status of a channel names what runs; all of it is killed. */
function killsWhatItFinds(): Sabotage {
  return {
    executor: (executor) =>
      withLines(executor, () => {
        let isFirst = true;
        return {
          fromRunner: (message, way) => {
            const { type, uuid, generation } = message;
            if (type === 'started' && isFirst) {
              isFirst = false;
              way.send({ type: 'kill', id: 1_000_000, uuid, generation });
            }
            return [message];
          },
        };
      }),
  };
}

/** Whoever is killed once is killed again with whatever generation is started next. */
function killsTheNextAttempt(): Sabotage {
  const killed = new Set<unknown>();
  return {
    executor: (executor) =>
      withLines(executor, () => ({
        toRunner: (message) => {
          const { type, uuid, generation, id } = message;
          if (type === 'ack') killed.add(uuid);
          if (type !== 'start' || !killed.delete(uuid)) return [message];
          return [message, { type: 'kill', id: typeof id === 'number' ? id + 1_000_000 : 1, uuid, generation }];
        },
      })),
  };
}
