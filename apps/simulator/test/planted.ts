import type { Sabotage } from '../src/incarnation.ts';
import { runSimulation } from '../src/run-simulation.ts';
import { drawScenario, type Scenario } from '../src/scenario.ts';

/** A mistake, and the world that shows it. */
export interface Planted {
  /** A dispatcher that … */
  readonly name: string;
  /** Number of the invariant that is to notice. */
  readonly breaks: number;
  readonly over: Partial<Scenario>;
  /** Numbers of invariants that would notice before. */
  readonly unasked?: readonly number[];
  /** Anew for each world. */
  readonly plant: () => Sabotage;
}

/** So many seeds at most until the bug is found. */
const maxSeeds = 8;

/** Numbers of the invariants that were broken until the right one was. */
export async function numbersBroken({ breaks, over, plant, unasked = [] }: Planted): Promise<readonly number[]> {
  const found: number[] = [];
  for (let seed = 1; seed <= maxSeeds && !found.includes(breaks); seed += 1) {
    const { violation } = await runSimulation(drawScenario(seed, over), { sabotage: plant(), unasked });
    if (violation !== undefined) found.push(violation.number);
  }
  return found;
}
