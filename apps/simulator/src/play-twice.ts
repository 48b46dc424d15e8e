import { type RunOptions, runSimulation, type SimulationResult } from './run-simulation.ts';
import type { Scenario } from './scenario.ts';

/** One scenario played. */
export interface Played {
  readonly result: SimulationResult;
  /** Hash of the second run; undefined: there was none. */
  readonly secondHash: string | undefined;
}

/** Plays a scenario, and again: whoever replays a seed must see the same. `once` leaves the second run out. */
export async function playTwice(scenario: Scenario, options: RunOptions & { readonly once: boolean }): Promise<Played> {
  const { once, onLine, ...second } = options;
  const result = await runSimulation(scenario, { ...second, onLine });
  if (once || result.interrupted) return { result, secondHash: undefined };
  const { hash, interrupted } = await runSimulation(scenario, second);
  return { result, secondHash: interrupted ? undefined : hash };
}

/** False: two runs of the same scenario went different ways. */
export function isRepeatable({ result, secondHash }: Played): boolean {
  return secondHash === undefined || secondHash === result.hash;
}
