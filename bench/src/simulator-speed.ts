import { drawScenario, runSimulation, type Scenario, type SimulationResult } from '@drover/simulator';
import { atLeast, atMost, type Figure } from '@drover/testkit/figure';

const hourMs = 3_600_000;
/** Played once before anything is measured, so that the compiler has seen the code. */
const warmUpSeeds = 10;
const measuredSeeds = 40;

/** What was played, and how much processor time it took. Others on the machine cost no processor time of ours. */
interface Played {
  readonly events: number;
  readonly steps: number;
  readonly cpuSeconds: number;
}

/**
 * How fast the simulation is on one core. An event is an entry popped from the clock's heap, or a call of a port that was
 * answered; per second of processor time, garbage collection included.
 */
export async function simulatorSpeed(): Promise<readonly Figure[]> {
  await playSeeds(1, warmUpSeeds);
  const { events, cpuSeconds } = await playSeeds(1, measuredSeeds);
  const hundredth = await measure(() => playAll([atScale(100, 10_000, 100)]));
  const twoHundred = await measure(() => playAll([atScale(200, 10_000, 100)]));
  return [
    atLeast(60_000, `fault simulation, all checks on (${measuredSeeds} seeds)`, events / cpuSeconds, 'events/s'),
    atMost(60, '100 simulated hours of 200 VMs, 10,000 containers', twoHundred.cpuSeconds, 's'),
    atLeast(60_000, 'the same, per second', twoHundred.events / twoHundred.cpuSeconds, 'events/s'),
    {
      name: 'without faults, 100 VMs, 10,000 containers, per container',
      value: Number(((hundredth.cpuSeconds / 10_000) * 1000).toPrecision(4)),
      unit: 'ms',
      target: 'for information',
      ok: true,
    },
  ];
}

/** A world without faults: as many VMs as allowed are busy all the time, each with one container of some two hours. */
function atScale(vms: number, containers: number, hours: number): Scenario {
  const small = drawScenario(1).instanceTypes.filter((type) => type.name === 'small');
  const meanMs = (vms * hours * hourMs) / containers;
  return drawScenario(1, {
    containers,
    submitOverMs: hours * hourMs,
    instanceTypes: small,
    maxInstances: vms,
    maxContainersPerInstance: 1,
    runMs: [meanMs / 2, (meanMs * 3) / 2],
    bootMs: [20_000, 60_000],
    cloudLatencyMs: [50, 3000],
    queueLatencyMs: [0, 0],
    sshLatencyMs: [0, 0],
    faults: [],
    healAtMs: hours * hourMs,
    convergeWithinMs: 48 * hourMs,
  });
}

function playSeeds(first: number, count: number): Promise<Played> {
  return measure(() => playAll(Array.from({ length: count }, (_, index) => drawScenario(first + index))));
}

async function playAll(scenarios: readonly Scenario[]): Promise<readonly SimulationResult[]> {
  const results: SimulationResult[] = [];
  for (const scenario of scenarios) {
    const result = await runSimulation(scenario);
    if (result.violation !== undefined) throw new Error(`seed ${scenario.seed}: ${result.violation.detail}`);
    results.push(result);
  }
  return results;
}

async function measure(play: () => Promise<readonly SimulationResult[]>): Promise<Played> {
  const before = process.cpuUsage();
  const results = await play();
  const { user, system } = process.cpuUsage(before);
  return {
    events: results.reduce((sum, result) => sum + result.events, 0),
    steps: results.reduce((sum, result) => sum + result.steps, 0),
    cpuSeconds: (user + system) / 1e6,
  };
}
