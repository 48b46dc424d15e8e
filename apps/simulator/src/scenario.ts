import type { InstanceType } from '@drover/spec';
import { SeededRandom } from '@drover/testkit';
import { type FaultName, faultNames } from './faults/fault-names.ts';
import { simulatedTypes } from './plans/simulated-types.ts';

/** From, to; drawn uniformly. */
export type Range = readonly [min: number, max: number];

/** Everything that a seed decides beforehand. Times in milliseconds of simulated time. */
export interface Scenario {
  readonly seed: number;
  readonly containers: number;
  /** The containers are submitted over this time, in bursts. */
  readonly submitOverMs: number;
  readonly instanceTypes: readonly InstanceType[];
  readonly maxInstances: number;
  readonly maxContainersPerInstance: number;
  readonly runMs: Range;
  readonly bootMs: Range;
  readonly cloudLatencyMs: Range;
  readonly queueLatencyMs: Range;
  readonly sshLatencyMs: Range;
  readonly publishesHostKeys: boolean;
  readonly faults: readonly FaultName[];
  /** How likely each fault strikes, times its own base rate. */
  readonly faultIntensity: number;
  /** When every fault is put right. */
  readonly healAtMs: number;
  /** After healing, everything must have converged within this. */
  readonly convergeWithinMs: number;
  /** Of the containers drawn, only these are submitted, counted from 1. Default: all. */
  readonly onlyContainers?: readonly number[];
  /**
   * Of a fault named here, only these occasions strike, counted from 1. A fault that is not named strikes as drawn. The names
   * are those that a run reports of its strikes.
   */
  readonly strikes?: Readonly<Record<string, readonly number[]>>;
}

const hourMs = 3_600_000;

/** Draws a scenario; the same seed gives the same one. `over` replaces parts, for replays with less. */
export function drawScenario(seed: number, over: Partial<Scenario> = {}): Scenario {
  const random = new SeededRandom(seed).fork('scenario');
  const between = (min: number, max: number): number => min + random.integer(max - min + 1);
  return {
    seed,
    containers: between(1, 40),
    submitOverMs: random.chance(0.3) ? 0 : between(1, 20) * 60_000,
    instanceTypes: drawTypes(random.fork('types')),
    maxInstances: between(1, 12),
    maxContainersPerInstance: random.chance(0.5) ? 0 : between(1, 4),
    runMs: random.chance(0.4) ? [1, 2000] : [1000, 600_000],
    bootMs: random.chance(0.5) ? [20_000, 60_000] : [1000, 240_000],
    cloudLatencyMs: random.chance(0.2) ? [0, 0] : [50, 3000],
    queueLatencyMs: random.chance(0.3) ? [0, 0] : [1, 40],
    sshLatencyMs: random.chance(0.3) ? [0, 0] : [1, 200],
    publishesHostKeys: random.chance(0.5),
    faults: drawFaults(random.fork('faults')),
    faultIntensity: random.chance(0.3) ? 3 : 1,
    healAtMs: between(20, 120) * 60_000,
    convergeWithinMs: 12 * hourMs,
    ...over,
  };
}

function drawTypes(random: SeededRandom): readonly InstanceType[] {
  const rest = simulatedTypes.slice(1).filter(() => random.chance(0.5));
  return [...simulatedTypes.slice(0, 1), ...rest];
}

/** One run in eight has no fault at all: then nothing but the work itself may be the reason for a failure. */
function drawFaults(random: SeededRandom): readonly FaultName[] {
  if (random.chance(0.125)) return [];
  const share = 0.1 + 0.6 * random.next();
  return faultNames.filter(() => random.chance(share));
}
