import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { findPlantedBug } from '../ledger/registry.ts';
import { runSimulation } from '../run-simulation.ts';
import { formatPlan, parsePlan } from './plan-file.ts';

// Two runs each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const folder = new URL('../../plans/', import.meta.url);
const names = readdirSync(folder);

/** Each once broke something: the product, until it was mended, or a planted bug of the ledger. */
it.each(names)('%s breaks nothing, and with its planted bug what it says', async (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const plan = parsePlan(text, name);
  expect(formatPlan(plan)).toBe(text);
  expect(plan.breaks).toBeDefined();
  expect((await runSimulation(plan.scenario)).violation).toBeUndefined();
  if (plan.plantedBug === undefined) return;
  const bug = findPlantedBug(plan.plantedBug);
  const sabotage = bug?.plant() ?? {};
  expect((await runSimulation(plan.scenario, { sabotage })).violation?.number).toBe(plan.breaks?.number);
});
