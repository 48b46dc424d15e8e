import { type FaultName, faultNames } from '../faults/fault-names.ts';
import type { Scenario } from '../scenario.ts';

/** What the seed draws, with these faults on as well, and all of them at their strongest. */
export function withFaults(drawn: Scenario, faults: readonly FaultName[]): Partial<Scenario> {
  return {
    faults: faultNames.filter((name) => drawn.faults.includes(name) || faults.includes(name)),
    faultIntensity: 3,
  };
}
