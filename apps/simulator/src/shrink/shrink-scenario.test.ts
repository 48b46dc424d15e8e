import { expect, it } from 'vitest';
import type { SimulationResult } from '../run-simulation.ts';
import { drawScenario, type Scenario } from '../scenario.ts';
import { shrinkScenario } from './shrink-scenario.ts';

const violation = { number: 1, rule: 'a rule', detail: 'i-00000001 broke it', atMs: 5 };

/** A world that breaks when container 7 meets the second loss of a VM. */
async function run(scenario: Scenario): Promise<SimulationResult> {
  const { faults, onlyContainers, containers, strikes } = scenario;
  const hasContainer = containers >= 7 && (onlyContainers ?? [7]).includes(7);
  const losses = [1, 2, 3].filter((n) => faults.includes('vm-lost') && (strikes?.['vm-lost']?.includes(n) ?? true));
  return {
    scenario,
    hash: '',
    events: 0,
    sometimes: new Map(),
    steps: 1,
    simulatedMs: 1,
    incarnations: 1,
    interrupted: false,
    violation: hasContainer && losses.includes(2) ? violation : undefined,
    strikes: new Map(),
    struck: new Map([
      ['vm-lost', losses],
      ['operator', faults.includes('operator') ? [1] : []],
    ]),
    lines: [],
  };
}

const large = drawScenario(1, { containers: 30, faults: ['vm-lost', 'operator', 'quota', 'ssh-reset'] });

it('leaves what matters, and names it', async () => {
  const shrunk = await shrinkScenario(large, { run });
  const { scenario, breaks, isFinished } = shrunk ?? {};
  expect(scenario).toMatchObject({
    faults: ['vm-lost'],
    onlyContainers: [7],
    containers: 7,
    strikes: { 'vm-lost': [2] },
    maxInstances: 1,
  });
  expect(scenario?.instanceTypes).toHaveLength(1);
  expect({ breaks, isFinished }).toEqual({
    breaks: { number: 1, rule: 'a rule', detail: 'i-00000001 broke it' },
    isFinished: true,
  });
});

it('stops at its bound, with the smallest so far, and does the same again', async () => {
  const first = await shrinkScenario(large, { run, maxRuns: 10 });
  expect(first).toMatchObject({ runs: 10, isFinished: false });
  expect((await run(first?.scenario ?? large)).violation).toEqual(violation);
  expect(await shrinkScenario(large, { run, maxRuns: 10 })).toEqual(first);
});

it('has nothing to shrink where nothing breaks', async () => {
  expect(await shrinkScenario({ ...large, faults: [] }, { run })).toBeUndefined();
});

it('does not slide into another bug', async () => {
  const other = { ...violation, number: 2 };
  const both = async (scenario: Scenario): Promise<SimulationResult> => {
    const result = await run(scenario);
    return scenario.faults.length < 3 ? { ...result, violation: other } : result;
  };
  const shrunk = await shrinkScenario(large, { run: both });
  expect(shrunk?.breaks.number).toBe(1);
  expect(shrunk?.scenario.faults).toHaveLength(3);
});
