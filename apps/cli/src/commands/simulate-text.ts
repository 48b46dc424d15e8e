import type { Plan, Played, Scenario } from '@drover/simulator';
import { readableLine, scenarioToJson } from '@drover/simulator';
import { formatDuration } from '@drover/management-api/units';
import { renderFacts } from '../output/table.ts';
import { paint } from '../output/terminal.ts';

/** One run and what became of it. */
export interface SimulatedRun extends Played {
  readonly plan: Plan;
  readonly isRepeatable: boolean;
}

/** It broke something, or two runs of it went different ways. */
export function isFailure({ result, isRepeatable }: SimulatedRun): boolean {
  return result.violation !== undefined || !isRepeatable;
}

/** A run in one line. */
export function runAsLine(run: SimulatedRun): string {
  const { scenario, steps } = run.result;
  return `seed ${scenario.seed}, ${steps} events: ${verdict(run)}`;
}

/** Everything there is to say of a run: plan, figures, and what it broke with the end of its history. */
export function runAsText(run: SimulatedRun, traceLines: number): string {
  const { result } = run;
  const { violation, lines } = result;
  const trace = violation === undefined || traceLines === 0 ? [] : lines.slice(-traceLines).map(readableLine);
  return [
    renderFacts([...planFacts(result.scenario), ...figures(run)]),
    ...(trace.length === 0 ? [] : ['', ...trace]),
    '',
    verdict(run),
    ...(violation === undefined ? [] : [`that is: ${violation.rule}`]),
  ].join('\n');
}

/** What `-o json` prints of a run. */
export function runAsJson(run: SimulatedRun): Readonly<Record<string, unknown>> {
  const { result, isRepeatable, secondHash } = run;
  const { violation, scenario, steps, simulatedMs, incarnations, hash, strikes } = result;
  return {
    seed: scenario.seed,
    scenario: scenarioToJson(scenario),
    events: steps,
    simulatedMs,
    dispatchers: incarnations,
    strikes: Object.fromEntries(strikes),
    traceHash: hash,
    repeatable: secondHash === undefined ? null : isRepeatable,
    violation: violation ?? null,
  };
}

function verdict({ result, isRepeatable, secondHash }: SimulatedRun): string {
  const { violation, hash } = result;
  if (violation !== undefined) {
    const what = violation.number === 0 ? `"${violation.rule}"` : `invariant ${violation.number}`;
    return `${paint(['red', 'bold'], `breaks ${what}`)}: ${violation.detail}`;
  }
  if (!isRepeatable) return `${paint(['red', 'bold'], 'is not repeatable')}: trace ${hash}, then ${secondHash ?? ''}`;
  return paint('green', 'nothing broken');
}

function planFacts(scenario: Scenario): readonly (readonly [string, string | number])[] {
  const { containers, onlyContainers, instanceTypes, maxContainersPerInstance, faults, strikes } = scenario;
  const some = onlyContainers === undefined ? '' : ` (only ${onlyContainers.join(', ')})`;
  const over = scenario.submitOverMs === 0 ? 'at once' : `within ${formatDuration(scenario.submitOverMs)}`;
  const packing = maxContainersPerInstance === 0 ? '' : `, ${maxContainersPerInstance} containers each`;
  const named = Object.entries(strikes ?? {}).map(([fault, ordinals]) => `${fault} ${ordinals.join(' ') || 'never'}`);
  return [
    ['seed', scenario.seed],
    ['containers', `${containers}${some}, submitted ${over}`],
    ['they run', between(scenario.runMs)],
    ['VMs', `at most ${scenario.maxInstances}${packing}: ${instanceTypes.map(({ name }) => name).join(', ')}`],
    ['they boot', between(scenario.bootMs)],
    ['host keys', scenario.publishesHostKeys ? 'published by the cloud' : 'proven by a secret'],
    ['latency', `cloud ${between(scenario.cloudLatencyMs)}, queue ${between(scenario.queueLatencyMs)}`],
    ['latency of SSH', between(scenario.sshLatencyMs)],
    ['faults', faults.length === 0 ? 'none' : `${faults.join(', ')} (× ${scenario.faultIntensity})`],
    ...(named.length === 0 ? [] : [['only strikes', named.join('; ')] as const]),
    ['heals after', formatDuration(scenario.healAtMs)],
  ];
}

function figures({ result, secondHash, isRepeatable }: SimulatedRun): readonly (readonly [string, string | number])[] {
  const { steps, simulatedMs, incarnations, strikes, hash } = result;
  const struck = [...strikes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  const again = secondHash === undefined ? '' : isRepeatable ? ', twice' : `, then ${secondHash}`;
  return [
    ['events', steps],
    ['simulated time', formatDuration(simulatedMs)],
    ['dispatchers', incarnations],
    ['faults struck', struck.length === 0 ? 'none' : struck.join(', ')],
    ['trace', `${hash}${again}`],
  ];
}

function between([min, max]: readonly [number, number]): string {
  const text = (ms: number): string => formatDuration(Math.round(ms));
  return min === max ? text(min) : `${text(min)} to ${text(max)}`;
}
