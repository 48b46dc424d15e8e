import { describe, expect, it } from 'vitest';
import { faultNames } from './faults/fault-names.ts';
import type { Sabotage } from './incarnation.ts';
import { runSimulation, type SimulationResult } from './run-simulation.ts';
import { drawScenario } from './scenario.ts';

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
const results: SimulationResult[] = [];

describe('the dispatcher over a simulated world', () => {
  it.each(seeds)('keeps every invariant with seed %i', async (seed) => {
    const result = await runSimulation(drawScenario(seed));
    results.push(result);
    expect(result.violation).toBeUndefined();
  });

  it.each(seeds.slice(0, 10))('does the same again with seed %i', async (seed) => {
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
  'dispatcher-crash',
  'wall-clock-jumps',
  'priority-zero',
  'operator',
];

describe('a sabotaged world', () => {
  const cases: readonly { readonly name: string; readonly breaks: number; readonly sabotage: Sabotage }[] = [
    {
      name: 'a queue that says it stored a result and did not',
      breaks: 21,
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
      name: 'a cloud that denies its VMs, also by id',
      breaks: 1,
      sabotage: {
        cloud: (cloud) => ({
          ...cloud,
          list: async () => ({ instances: [], launchFailures: [] }),
          describe: async () => 'gone',
        }),
      },
    },
    {
      name: 'a create that forgets which request it repeats',
      breaks: 7,
      sabotage: {
        cloud: (cloud) => ({
          ...cloud,
          create: async (request, options) => {
            await cloud.create({ ...request, createId: `${request.createId} again` }, options);
            return cloud.create(request, options);
          },
        }),
      },
    },
  ];

  it.each(cases)('$name breaks invariant $breaks', async ({ breaks, sabotage }) => {
    const scenario = drawScenario(3, { faults: [], containers: 10, runMs: [400_000, 900_000], maxInstances: 3 });
    const { violation } = await runSimulation(scenario, { sabotage });
    expect(violation?.number).toBe(breaks);
  });
});
