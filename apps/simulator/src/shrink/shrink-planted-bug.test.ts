import { expect, it, vi } from 'vitest';
import { runPlanted } from '../ledger/catch-bug.ts';
import { findPlantedBug } from '../ledger/registry.ts';
import { drawScenario } from '../scenario.ts';
import { shrinkScenario } from './shrink-scenario.ts';

// Dozens of runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/**
 * Small enough for a test, with faults that have nothing to do with the bugs, and with VMs that have room: on a full one a second
 * start of a container is first of all too much for it.
 */
const scenario = drawScenario(6, {
  containers: 6,
  submitOverMs: 0,
  maxInstances: 3,
  runMs: [1000, 60_000],
  bootMs: [1000, 5000],
  healAtMs: 300_000,
  faults: ['queue-busy', 'ssh-reset'],
});

it.each([
  { id: 'deleted-before-counted', number: 21, containers: 1 },
  { id: 'same-job-two-nodes', number: 1, containers: 2 },
])('shrinks $id to $containers containers without any fault', async ({ id, number, containers }) => {
  const bug = findPlantedBug(id);
  if (bug === undefined) throw new Error(`there is no ${id}`);
  const shrunk = await shrinkScenario(scenario, { run: (smaller) => runPlanted(bug, smaller), maxRuns: 60 });
  expect(shrunk?.breaks.number).toBe(number);
  expect(shrunk?.scenario.faults).toEqual([]);
  expect(shrunk?.scenario.onlyContainers).toHaveLength(containers);
});
