import type { InstanceSet } from '@drover/spec';
import { describe, expect, it } from 'vitest';
import { faultNames } from './faults/fault-names.ts';
import type { Sabotage } from './incarnation.ts';
import { runSimulation, type SimulationResult } from './run-simulation.ts';
import { drawScenario } from './scenario.ts';

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);
const results: SimulationResult[] = [];

describe('the dispatcher over a simulated world', () => {
  it.each(seeds)('keeps every invariant with seed %i', async (seed) => {
    const result = await runSimulation(drawScenario(seed));
    results.push(result);
    expect(result.violation).toBeUndefined();
  });

  it.each(seeds.slice(0, 5))('does the same again with seed %i', async (seed) => {
    const { hash, steps } = await runSimulation(drawScenario(seed));
    const before = results.find((result) => result.scenario.seed === seed);
    expect({ hash, steps }).toEqual({ hash: before?.hash, steps: before?.steps });
  });

  it('met every fault', () => {
    const met = new Set(results.flatMap((result) => result.scenario.faults));
    expect(faultNames.filter((name) => !met.has(name))).toEqual([]);
    const struck = new Set(results.flatMap((result) => [...result.strikes.keys()]));
    expect([...cloudFaultsExpected].filter((name) => !struck.has(name))).toEqual([]);
    expect(results.some((result) => result.incarnations > 5)).toBe(true);
  });
});

const cloudFaultsExpected = [
  'create answer lost',
  'create hangs',
  'create fails',
  'list fails',
  'listLag',
  'create throttled',
  'launchFailure',
  'neverBoots',
  'stuckPending',
  'missingTags',
  'vanish',
  'destroyIgnored',
  'reuseAddresses',
  'vm-lost',
  'ssh-refused',
  'ssh-reset',
  'ssh-freeze',
  'runner-killed',
  'runner-broken',
  'queue-busy',
  'queue-overloaded',
  'commit-unknown',
  'queue-hangs',
  'leadership-lost',
  'split-brain',
  'dispatcher-crash',
  'dispatcher-restart',
  'wall-clock-jumps',
  'priority-zero',
  'operator',
];

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
      breaks: 1,
      maxInstances: 10_000,
      sabotage: { cloud: forgetful },
    },
    {
      name: 'a cloud that forgets its VMs, also by id, where there is none',
      breaks: 7,
      maxInstances: 3,
      sabotage: { cloud: forgetful },
    },
  ];

  it.each(cases)('$name breaks invariant $breaks', async ({ breaks, maxInstances, sabotage }) => {
    const scenario = drawScenario(3, {
      faults: [],
      containers: 10,
      runMs: [400_000, 900_000],
      bootMs: [1000, 5000],
      maxInstances,
    });
    const { violation } = await runSimulation(scenario, { sabotage });
    expect(violation?.number).toBe(breaks);
  });
});
