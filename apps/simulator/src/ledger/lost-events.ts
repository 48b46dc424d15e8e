import type { Clock, ContainerQueue, QueueEntry } from '@drover/spec';
import { neverSettles } from './never-settles.ts';
import type { PlantedBug } from './planted-bug.ts';
import { arvados, issue } from './sources.ts';
import { withFaults } from './with-faults.ts';

/** Changes that nobody hears of, and clocks that tell something else. */
export const lostEvents: readonly PlantedBug[] = [
  {
    id: 'events-dropped',
    title: 'Misses changes that come and go between two looks, and never looks at the whole again.',
    source: issue('instaclustr/cassandra-operator', 398),
    failureClass: 'lost event',
    expected: [23, ...neverSettles],
    plant: () => ({ queue: dropsSomeChanges() }),
  },
  {
    id: 'waits-for-the-next',
    title: 'Looks at the queue only when it is woken, and some wake-ups are lost.',
    source: issue('Azure/az-hop', 633),
    failureClass: 'lost event',
    expected: [23, ...neverSettles],
    // Else there is always a next one soon.
    where: () => ({ containers: 2, submitOverMs: 3_600_000 }),
    plant: () => ({ queue: looksOnlyWhenWoken() }),
  },
  {
    id: 'no-wake-after-quota',
    title: 'Does not wake up when the time of a quota error is over.',
    source: arvados('19b7075b60ef4252c85dca4a0a0f8b0d9e67498a', 14325),
    failureClass: 'endless wait',
    expected: neverSettles,
    plant: () => ({ clock: losesMinuteTimers }),
  },
  {
    id: 'wall-clock-deadlines',
    title: 'Measures durations on a clock that people and NTP set.',
    source: issue('Metaswitch/chronos', 85),
    failureClass: 'endless wait',
    expected: [1, 7, 8, 11, 18, 23, 26, ...neverSettles],
    where: (drawn) => withFaults(drawn, ['wall-clock-jumps']),
    plant: () => ({ clock: measuresOnTheWall }),
  },
  {
    id: 'sand-before-stones',
    title: 'Lets small containers go first, so that large ones of a higher priority never find room.',
    source: issue('ngageoint/scale', 172),
    failureClass: 'starvation',
    expected: [24, ...neverSettles],
    plant: () => ({ queue: (queue) => prefers(queue, ({ resources }) => 1001 - 50 * resources.vcpus) }),
  },
  {
    id: 'priorities-upside-down',
    title: 'Sorts by priority in the wrong direction.',
    source: issue('volcano-sh/volcano', 748),
    failureClass: 'starvation',
    expected: [24],
    plant: () => ({ queue: (queue) => prefers(queue, ({ priority }) => 1001 - priority) }),
  },
];

/** Every fifth changed entry is left out of an update. */
function dropsSomeChanges(): (queue: ContainerQueue) => ContainerQueue {
  let count = 0;
  return (queue) => ({
    ...queue,
    poll: async (since, options) => {
      const update = await queue.poll(since, options);
      if (update.complete) return update;
      const entries = update.entries.filter(() => {
        count += 1;
        return count % 5 !== 0;
      });
      return { ...update, entries };
    },
  });
}

/** Every fourth wake-up is lost. */
function looksOnlyWhenWoken(): (queue: ContainerQueue) => ContainerQueue {
  let wakes = 0;
  return (queue) => {
    let isAwake = true;
    return {
      ...queue,
      onWake: (listener) =>
        queue.onWake(() => {
          wakes += 1;
          if (wakes % 4 === 0) return;
          isAwake = true;
          listener();
        }),
      poll: async (since, options) => {
        if (!isAwake && since !== undefined) return { cursor: since, complete: false, entries: [] };
        isAwake = false;
        return queue.poll(since, options);
      },
    };
  };
}

function losesMinuteTimers(clock: Clock): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    timer: (delayMs, callback) =>
      delayMs > 55_000 && delayMs <= 60_000 ? () => undefined : clock.timer(delayMs, callback),
    sleep: (ms, options) => clock.sleep(ms, options),
  };
}

function measuresOnTheWall(clock: Clock): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.wallMs(),
    timer: (delayMs, callback) => clock.timer(delayMs, callback),
    sleep: (ms, options) => clock.sleep(ms, options),
  };
}

function prefers(queue: ContainerQueue, priorityOf: (entry: QueueEntry) => number): ContainerQueue {
  return {
    ...queue,
    poll: async (since, options) => {
      const update = await queue.poll(since, options);
      const entries = update.entries.map((entry) =>
        entry.priority === 0 ? entry : { ...entry, priority: Math.min(1000, Math.max(1, priorityOf(entry))) },
      );
      return { ...update, entries };
    },
  };
}
