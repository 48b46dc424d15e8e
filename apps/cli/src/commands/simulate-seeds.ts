import { readFile, writeFile } from 'node:fs/promises';
import type { Checks, Plan, Played, Scenario } from '@drover/simulator';
import { untilInterrupted } from '../follow/interrupt.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { type OutputFormat, print } from '../output/print.ts';
import { note, out } from '../output/terminal.ts';
import { usageError } from '../output/usage-error.ts';
import { isFailure, runAsJson, runAsLine, runAsText, type SimulatedRun } from './simulate-text.ts';
import { plantedBug } from './simulate-plant.ts';
import { SimulationTally } from './simulate-tally.ts';

export interface SimulateSeedsOptions {
  readonly output: OutputFormat;
  readonly seed?: number;
  readonly runs?: number;
  readonly set?: readonly string[];
  readonly plan?: string;
  readonly plant?: string;
  readonly once?: boolean;
  readonly checks?: Checks;
  readonly keepGoing?: boolean;
  readonly trace?: number;
  readonly follow?: string;
  readonly shrink?: boolean;
  readonly shrinkRuns?: number;
  readonly save?: string;
}

/** `drover simulate --seed N` and `--plan FILE`. Ctrl-C ends it with what has been done so far. */
export async function simulateSeeds(options: SimulateSeedsOptions): Promise<void> {
  const { runs, seed, plan: planFile } = options;
  if (planFile !== undefined && (seed !== undefined || runs !== undefined))
    throw usageError('a plan has its seed inside', 'leave --seed and --runs out');
  const tally = new SimulationTally();
  const wasInterrupted = await untilInterrupted(async (signal) => {
    await playAll(options, tally, signal);
    const smaller = await shrunk(options, tally, signal);
    await report(options, tally, smaller);
    await save(options, smaller ?? tally.firstFailure?.plan);
    return signal.aborted;
  });
  if (wasInterrupted) throw new Exit(exitCodes.interrupted);
  if (tally.failures.length > 0) throw new Exit(exitCodes.error);
}

/** Prints each run as it ends, when the format allows it. */
async function playAll(options: SimulateSeedsOptions, tally: SimulationTally, signal: AbortSignal): Promise<void> {
  const { isRepeatable, playTwice } = await import('@drover/simulator');
  const { once = false, keepGoing = false, output, runs = 1, checks } = options;
  for await (const plan of plans(options)) {
    if (signal.aborted || (tally.failures.length > 0 && !keepGoing)) return;
    const onLine = follower(options);
    const bug = await plantedBug(plan.plantedBug);
    const played = await playTwice(plan.scenario, {
      once,
      signal,
      checks,
      ...(onLine === undefined ? {} : { onLine }),
      ...(bug === undefined ? {} : { plant: bug.plant }),
    });
    if (played.result.interrupted) return;
    const run: SimulatedRun = { plan: withViolation(plan, played), isRepeatable: isRepeatable(played), ...played };
    tally.add(run);
    if (output === 'ndjson') out(JSON.stringify(runAsJson(run)));
    else if (isText(output) && runs > 1 && isFailure(run)) out(runAsLine(run));
  }
}

function withViolation(plan: Plan, { result: { violation } }: Played): Plan {
  if (violation === undefined) return plan;
  const { number, rule, detail } = violation;
  return { ...plan, breaks: { number, rule, detail } };
}

/** What is to be played, one after another. */
async function* plans(options: SimulateSeedsOptions): AsyncGenerator<Plan> {
  const { drawScenario, parsePlan, scenarioFor, withSettings } = await import('@drover/simulator');
  const { set = [], plant } = options;
  const bug = await plantedBug(plant);
  const planted = bug === undefined ? {} : { about: bug.title, plantedBug: bug.id };
  if (options.plan !== undefined) {
    const plan = parsePlan(await readText(options.plan), options.plan);
    yield { ...plan, ...planted, scenario: withSettings(plan.scenario, set) };
    return;
  }
  const { seed: first = 1, runs = 1 } = options;
  for (let seed = first; seed < first + runs; seed += 1)
    yield {
      about: `Seed ${seed}.`,
      ...planted,
      scenario: withSettings(bug === undefined ? drawScenario(seed) : scenarioFor(bug, seed), set),
    };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function follower({ follow }: SimulateSeedsOptions): ((line: string) => void) | undefined {
  return follow === undefined ? undefined : (line) => (line.includes(follow) ? out(line) : undefined);
}

/** The plan of the first failure, made smaller; undefined when that is not wanted or there is none. */
async function shrunk(
  options: SimulateSeedsOptions,
  tally: SimulationTally,
  signal: AbortSignal,
): Promise<Plan | undefined> {
  const plan = tally.firstFailure?.plan;
  if (options.shrink !== true || plan?.breaks === undefined || signal.aborted) return undefined;
  const { runSimulation, shrinkScenario } = await import('@drover/simulator');
  const bug = await plantedBug(plan.plantedBug);
  const result = await shrinkScenario(plan.scenario, {
    ...(options.shrinkRuns === undefined ? {} : { maxRuns: options.shrinkRuns }),
    signal,
    run: (scenario) => runSimulation(scenario, { signal, ...(bug === undefined ? {} : { sabotage: bug.plant() }) }),
    onProgress: ({ runs, what, scenario }) => note(`run ${runs}: ${what}; ${sizeOf(scenario)}`),
  });
  if (result === undefined) return undefined;
  note(`${result.isFinished ? 'as small as it gets' : 'ended before it was done'}, after ${result.runs} runs`);
  return { ...plan, scenario: result.scenario, breaks: result.breaks };
}

function sizeOf({ containers, onlyContainers, faults, maxInstances, strikes = {} }: Scenario): string {
  const named = Object.values(strikes).flat().length;
  const count = onlyContainers?.length ?? containers;
  return `${count} containers, ${faults.length} faults, ${maxInstances} VMs, ${named} strikes by name`;
}

/** One run with everything there is to say, or one line each and the sum. */
async function report(options: SimulateSeedsOptions, tally: SimulationTally, smaller: Plan | undefined): Promise<void> {
  const { output, runs = 1, trace = 30, save: file } = options;
  if (output === 'ndjson') return;
  const { formatPlan, scenarioToJson } = await import('@drover/simulator');
  const shown = tally.firstFailure ?? (runs === 1 ? tally.last : undefined);
  const parts = [
    ...(shown === undefined ? [] : [runAsText(shown, trace)]),
    ...(runs === 1 && shown !== undefined ? [] : [tally.asText()]),
    ...(smaller === undefined || file !== undefined ? [] : [formatPlan(smaller).trimEnd()]),
  ];
  const scenario = smaller === undefined ? undefined : scenarioToJson(smaller.scenario);
  print(output, {
    items: tally.failures,
    columns: [],
    name: ({ result }) => String(result.scenario.seed),
    json: { ...tally.asJson(), ...(smaller === undefined ? {} : { shrunk: { ...smaller, scenario } }) },
    text: () => parts.join('\n\n'),
  });
}

function isText(output: OutputFormat): boolean {
  return output === 'table' || output === 'wide';
}

async function save({ save: file }: SimulateSeedsOptions, plan: Plan | undefined): Promise<void> {
  if (file === undefined) return;
  if (plan === undefined) return note('nothing is broken, so there is no plan to save');
  const { formatPlan } = await import('@drover/simulator');
  await writeFile(file, formatPlan(plan));
  note(`plan saved; again: drover simulate --plan ${file}`);
}
