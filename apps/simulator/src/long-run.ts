import { faultNames } from './faults/fault-names.ts';
import { strikesOf } from './faults/strike-names.ts';
import { runSimulation } from './run-simulation.ts';
import { drawScenario } from './scenario.ts';
import { whatNeverHappened } from './sometimes.ts';

/** How far a long run is to go. */
export interface LongRunOptions {
  readonly firstSeed: number;
  /** Asked after each seed; milliseconds of real time. */
  readonly isOver: (seeds: number) => boolean;
  /** Told of each seed that breaks something, at once. */
  readonly onBroken: (line: string) => void;
}

/** What a long run has seen. */
export interface LongRunReport {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly steps: number;
  /** Steps and answered calls of ports. */
  readonly events: number;
  readonly simulatedHours: number;
  /** Dispatchers that were killed, lost the lead or were stopped, and after which everything ended well. */
  readonly crashesSurvived: number;
  readonly containers: number;
  readonly brokenSeeds: readonly number[];
  /** How often each kind of fault struck. */
  readonly faults: ReadonlyMap<string, number>;
  /** What should have happened sometimes, and never did. */
  readonly neverHappened: readonly string[];
}

/** Plays seeds one after another until it is over. Every one that breaks something counts, and none ends it. */
export async function longRun(options: LongRunOptions): Promise<LongRunReport> {
  const { firstSeed, isOver, onBroken } = options;
  const strikes = new Map<string, number>();
  const happened = new Map<string, number>();
  const brokenSeeds: number[] = [];
  const total = { seeds: 0, steps: 0, events: 0, simulatedMs: 0, crashesSurvived: 0, containers: 0 };
  while (!isOver(total.seeds)) {
    const seed = firstSeed + total.seeds;
    const result = await runSimulation(drawScenario(seed));
    total.seeds += 1;
    total.steps += result.steps;
    total.events += result.events;
    total.simulatedMs += result.simulatedMs;
    total.containers += result.scenario.containers;
    addAll(strikes, result.strikes);
    addAll(happened, result.sometimes);
    const { violation } = result;
    if (violation === undefined) total.crashesSurvived += result.incarnations - 1;
    else {
      brokenSeeds.push(seed);
      onBroken(`seed ${seed} breaks ${violation.number} (${violation.rule}): ${violation.detail}`);
    }
  }
  const faults = new Map(faultNames.map((name) => [name, sumOf(strikesOf(name), strikes)] as const));
  const { simulatedMs, ...counts } = total;
  return {
    firstSeed,
    ...counts,
    simulatedHours: simulatedMs / 3_600_000,
    brokenSeeds,
    faults,
    neverHappened: whatNeverHappened([happened]),
  };
}

/** For people. */
export function describeLongRun(report: LongRunReport): string {
  const { firstSeed, seeds, events, steps, containers, simulatedHours, crashesSurvived, brokenSeeds } = report;
  const faults = [...report.faults].map(([name, count]) => `  ${name.padEnd(22)}${String(count).padStart(10)}`);
  return [
    `${seeds} seeds from ${firstSeed} to ${firstSeed + seeds - 1}, ${brokenSeeds.length} broken`,
    `${events} events (${steps} steps), ${containers} containers, ${simulatedHours.toFixed(0)} simulated hours`,
    `${crashesSurvived} ends of a dispatcher survived`,
    'faults struck:',
    ...faults,
    ...(report.neverHappened.length === 0 ? [] : [`never happened: ${report.neverHappened.join(', ')}`]),
  ].join('\n');
}

function addAll(into: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) into.set(name, (into.get(name) ?? 0) + count);
}

function sumOf(names: readonly string[], counts: ReadonlyMap<string, number>): number {
  return names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
}
