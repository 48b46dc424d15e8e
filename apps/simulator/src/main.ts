import { type Arguments, parseArguments } from './parse-arguments.ts';
import { runSimulation, type SimulationResult } from './run-simulation.ts';
import { drawScenario, type Scenario } from './scenario.ts';

/** Plays seeds one after another; the first that breaks something ends it, unless told to go on. Exit code 1 then. */
async function main(): Promise<number> {
  const options = parseArguments(process.argv.slice(2));
  const { seed, runs, once, keepGoing } = options;
  const strikes = new Map<string, number>();
  let steps = 0;
  let broken = 0;
  for (let run = 0; run < runs; run += 1) {
    if (broken > 0 && !keepGoing) break;
    const scenario = scenarioOf(seed + run, options);
    const result = await runSimulation(scenario, { onLine: follower(options) });
    for (const [name, count] of result.strikes) strikes.set(name, (strikes.get(name) ?? 0) + count);
    steps += result.steps;
    if (result.violation !== undefined) print(keepGoing ? summary(result) : failure(result, options.traceLines));
    if (result.violation !== undefined || (!once && (await differs(scenario, result)))) broken += 1;
  }
  print(`${runs} runs from seed ${seed}: ${steps} steps, ${broken === 0 ? 'nothing' : broken} broken`);
  print([...strikes].map(([name, count]) => `${name} ${count}`).join(', '));
  return broken === 0 ? 0 : 1;
}

function scenarioOf(seed: number, { faults, containers }: Arguments): Scenario {
  return drawScenario(seed, {
    ...(faults === undefined ? {} : { faults }),
    ...(containers === undefined ? {} : { containers }),
  });
}

function follower({ follow }: Arguments): ((line: string) => void) | undefined {
  if (follow === undefined) return undefined;
  return (line) => {
    if (line.includes(follow)) print(line);
  };
}

async function differs(scenario: Scenario, first: SimulationResult): Promise<boolean> {
  const second = await runSimulation(scenario);
  if (second.hash === first.hash) return false;
  print(`seed ${scenario.seed} is not repeatable: ${first.hash} after ${first.steps} steps, then ${second.hash}`);
  return true;
}

function summary({ scenario, violation, steps }: SimulationResult): string {
  const { number = 0, detail = '' } = violation ?? {};
  return `seed ${scenario.seed} after ${steps} steps breaks ${number}: ${detail}`;
}

function failure(result: SimulationResult, traceLines: number): string {
  const { scenario, violation, hash, simulatedMs, lines } = result;
  return [
    ...(traceLines === 0 ? [] : lines.slice(-traceLines)),
    '',
    summary(result),
    `that is: ${violation?.rule ?? ''}`,
    `${(simulatedMs / 1000).toFixed(1)} s of simulated time, trace ${hash}`,
    `faults: ${scenario.faults.join(',')}`,
    `again: node --conditions=@drover/source apps/simulator/src/main.ts --seed ${scenario.seed}`,
  ].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
