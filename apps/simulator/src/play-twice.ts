import type { Sabotage } from './incarnation.ts';
import { type RunOptions, runSimulation, type SimulationResult } from './run-simulation.ts';
import type { Scenario } from './scenario.ts';

/** One scenario played. */
export interface Played {
  readonly result: SimulationResult;
  /** Hash of the second run; undefined: there was none. */
  readonly secondHash: string | undefined;
}

/** How to play. */
export interface PlayOptions extends Omit<RunOptions, 'sabotage'> {
  /** Leave the second run out. */
  readonly once: boolean;
  /** Plants a bug, anew for each run. */
  readonly plant?: () => Sabotage;
}

/** Plays a scenario, and again: whoever replays a seed must see the same. */
export async function playTwice(scenario: Scenario, options: PlayOptions): Promise<Played> {
  const { once, plant, onLine, ...rest } = options;
  const planted = (): RunOptions => (plant === undefined ? rest : { ...rest, sabotage: plant() });
  const result = await runSimulation(scenario, { ...planted(), onLine });
  if (once || result.interrupted) return { result, secondHash: undefined };
  const { hash, interrupted } = await runSimulation(scenario, planted());
  return { result, secondHash: interrupted ? undefined : hash };
}

/** False: two runs of the same scenario went different ways. */
export function isRepeatable({ result, secondHash }: Played): boolean {
  return secondHash === undefined || secondHash === result.hash;
}
