import { parseArguments } from './parse-arguments.ts';
import { runSimulation, type SimulationResult } from './run-simulation.ts';
import { drawScenario, type Scenario } from './scenario.ts';

/** Plays seeds one after another and stops at the first that breaks something; exit code 1 then. */
async function main(): Promise<number> {
  const { seed, runs, faults, containers, traceLines, once } = parseArguments(process.argv.slice(2));
  const strikes = new Map<string, number>();
  let steps = 0;
  for (let run = 0; run < runs; run += 1) {
    const scenario = drawScenario(seed + run, {
      ...(faults === undefined ? {} : { faults }),
      ...(containers === undefined ? {} : { containers }),
    });
    const result = await runSimulation(scenario);
    for (const [name, count] of result.strikes) strikes.set(name, (strikes.get(name) ?? 0) + count);
    steps += result.steps;
    if (result.violation !== undefined) {
      print(failure(result, traceLines));
      return 1;
    }
    if (!once && (await differs(scenario, result))) return 1;
  }
  print(`${runs} runs from seed ${seed}: ${steps} steps, nothing broken`);
  print([...strikes].map(([name, count]) => `${name} ${count}`).join(', '));
  return 0;
}

async function differs(scenario: Scenario, first: SimulationResult): Promise<boolean> {
  const second = await runSimulation(scenario);
  if (second.hash === first.hash) return false;
  print(`seed ${scenario.seed} is not repeatable: ${first.hash} after ${first.steps} steps, then ${second.hash}`);
  return true;
}

function failure(
  { scenario, violation, hash, steps, simulatedMs, lines }: SimulationResult,
  traceLines: number,
): string {
  const { number, rule, detail } = violation ?? { number: 0, rule: '', detail: '' };
  return [
    ...lines.slice(-traceLines),
    '',
    `seed ${scenario.seed} breaks ${number} (${rule}): ${detail}`,
    `after ${steps} steps, ${(simulatedMs / 1000).toFixed(1)} s of simulated time, trace ${hash}`,
    `faults: ${scenario.faults.join(',')}`,
    `again: node --conditions=@drover/source apps/simulator/src/main.ts --seed ${scenario.seed}`,
  ].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
