import type { Violation } from '../invariant-watch.ts';
import { runSimulation, type SimulationResult } from '../run-simulation.ts';
import { drawScenario, type Scenario } from '../scenario.ts';
import type { PlantedBug } from './planted-bug.ts';

/** A run in which a planted bug was noticed. */
export interface Catch {
  readonly seed: number;
  /** Of the invariant that noticed it. */
  readonly number: number;
  /** Seeds tried, this one included. */
  readonly seeds: number;
}

/** A world that breaks without any planted bug: a fault of the dispatcher itself, or of the simulator. */
export interface UnsoundSeed {
  readonly seed: number;
  readonly violation: Violation;
}

/** How to hunt. */
export interface HuntOptions {
  readonly firstSeed: number;
  readonly maxSeeds: number;
  /** Told of seeds that break something without the planted bug; they prove nothing about it. */
  readonly onUnsound?: (found: UnsoundSeed) => void;
}

/** Plays seed after seed until an invariant notices the planted bug; undefined when none of `maxSeeds` did. */
export async function catchBug(bug: PlantedBug, options: HuntOptions): Promise<Catch | undefined> {
  const { firstSeed, maxSeeds, onUnsound } = options;
  for (let seeds = 1; seeds <= maxSeeds; seeds += 1) {
    const seed = firstSeed + seeds - 1;
    const scenario = scenarioFor(bug, seed);
    const { violation } = await runPlanted(bug, scenario);
    if (violation === undefined) continue;
    const { violation: own } = await runSimulation(scenario);
    if (own === undefined) return { seed, number: violation.number, seeds };
    onUnsound?.({ seed, violation: own });
  }
  return undefined;
}

/** The scenario that a seed draws, with what the bug needs to show. */
export function scenarioFor(bug: PlantedBug, seed: number): Scenario {
  const drawn = drawScenario(seed);
  return { ...drawn, ...bug.where?.(drawn) };
}

/** One run of the mutated dispatcher. */
export function runPlanted(bug: PlantedBug, scenario: Scenario): Promise<SimulationResult> {
  return runSimulation(scenario, { sabotage: bug.plant() });
}
