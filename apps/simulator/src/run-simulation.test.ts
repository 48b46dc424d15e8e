import type { InstanceSet } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import type { Sabotage } from './incarnation.ts';
import { runSimulation } from './run-simulation.ts';
import { drawScenario } from './scenario.ts';
import { whatNeverHappened } from './sometimes.ts';

/** The last one meets what hardly any other does: a workload that cannot be killed for longer than anybody waits. */
const seeds = [...Array.from({ length: 50 }, (_, index) => index + 1), 3023];

/** A seed takes a fraction of a second; more only where many share a core. */
const timeout = 60_000;

describe('the dispatcher over a simulated world', () => {
  const happened: ReadonlyMap<string, number>[] = [];

  it.each(seeds)('keeps every invariant with seed %i, and does the same again', { timeout }, async (seed) => {
    const first = await runSimulation(drawScenario(seed));
    happened.push(first.sometimes);
    expect(first.violation).toBeUndefined();
    const second = await runSimulation(drawScenario(seed));
    expect({ hash: second.hash, steps: second.steps }).toEqual({ hash: first.hash, steps: first.steps });
  });

  it('has the same history when its checks are sampled', { timeout }, async () => {
    const scenario = drawScenario(7);
    const [all, sampled] = [await runSimulation(scenario), await runSimulation(scenario, { checks: 'sampled' })];
    expect({ hash: sampled.hash, events: sampled.events }).toEqual({ hash: all.hash, events: all.events });
  });

  it('met every fault, and went every way that matters', () => {
    expect(whatNeverHappened(happened)).toEqual([]);
  });
});

/** Shows each running VM a few times and then denies that it ever existed. */
function forgetful(cloud: InstanceSet): InstanceSet {
  const shown = new Map<string, number>();
  const isForgotten = (id: string): boolean => (shown.get(id) ?? 0) > 3;
  return {
    ...cloud,
    list: async (tags, options) => {
      const { instances, launchFailures } = await cloud.list(tags, options);
      for (const { id, lifecycle } of instances) if (lifecycle === 'running') shown.set(id, (shown.get(id) ?? 0) + 1);
      return { instances: instances.filter(({ id }) => !isForgotten(id)), launchFailures };
    },
    describe: async (id, options) => (isForgotten(id) ? 'gone' : cloud.describe(id, options)),
  };
}

describe('a sabotaged world', () => {
  const cases: readonly {
    readonly name: string;
    readonly breaks: number;
    readonly maxInstances: number;
    readonly sabotage: Sabotage;
    /** They would notice before. */
    readonly unasked?: readonly number[];
  }[] = [
    {
      name: 'a queue that says it stored a result and did not',
      breaks: 21,
      maxInstances: 3,
      sabotage: {
        queue: (queue) => ({
          ...queue,
          finished: async (uuid, _generation, _result, _logs, options) => {
            const { entry } = await queue.fetch(uuid, options);
            return { ...entry, state: 'Complete' };
          },
        }),
      },
    },
    {
      name: 'a cloud that forgets its VMs, also by id, where there is room for more',
      breaks: 3,
      maxInstances: 10_000,
      sabotage: { cloud: forgetful },
    },
    {
      name: 'the same, if nobody asks for proof,',
      breaks: 1,
      maxInstances: 10_000,
      sabotage: { cloud: forgetful },
      unasked: [3],
    },
    {
      name: 'a cloud that forgets its VMs, also by id, where there is none',
      breaks: 7,
      maxInstances: 3,
      sabotage: { cloud: forgetful },
      unasked: [3],
    },
  ];

  it.each(cases)('$name breaks invariant $breaks', { timeout }, async (one) => {
    const { breaks, maxInstances, sabotage, unasked = [] } = one;
    const scenario = drawScenario(3, {
      faults: [],
      containers: 10,
      runMs: [400_000, 900_000],
      bootMs: [1000, 5000],
      maxInstances,
    });
    const { violation } = await runSimulation(scenario, { sabotage, unasked });
    expect(violation?.number).toBe(breaks);
  });
});
