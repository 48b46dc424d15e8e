import { type Checks, drawScenario, runSimulation, type Scenario, type SimulationResult } from '@drover/simulator';
import { atLeast, atMost, type Figure } from '@drover/testkit/figure';

const hourMs = 3_600_000;
/**
 * Played before anything is measured: the compiler takes some ten seconds to be done with all this code, in which an event costs
 * twice as much, and whoever simulates for long meets that once.
 */
const warmUpSeeds = 60;
const measuredSeeds = 60;
/** A world whose queue is in memory: the speed of SQLite is another measurement's affair. */
const scaleSeed = 2;
const fleetVms = 200;
const fleetHours = 100;
const fleetContainers = 10_000;
/** Simulated hours that are measured where nobody asked for all of them. */
const shortHours = 5;

/** What was played, and how much processor time it took. Others on the machine cost no processor time of ours. */
interface Played {
  readonly events: number;
  readonly cpuSeconds: number;
}

/**
 * How fast the simulation is on one core. An event is an entry popped from the clock's heap, or a call of a port that was
 * answered; per second of processor time, garbage collection included. `long`: the whole hundred hours are played, which takes
 * minutes; else a twentieth of them, with a twentieth of the containers, and twenty times as long is what is reported.
 */
export async function simulatorSpeed(long: boolean): Promise<readonly Figure[]> {
  await playSeeds(1, warmUpSeeds);
  const faults = await playSeeds(1 + warmUpSeeds, measuredSeeds);
  const share = long ? 1 : shortHours / fleetHours;
  const hours = fleetHours * share;
  const scenario = atScale(fleetVms, fleetContainers * share, hours);
  const oneHour = atScale(fleetVms, 100, 1);
  await playAll([oneHour], 'sampled');
  const all = await measure(() => playAll([oneHour], 'all'));
  const sampled = await measure(() => playAll([scenario], 'sampled'));
  const fleet = `${fleetHours} simulated hours of ${fleetVms} VMs, ${fleetContainers} containers, checks sampled`;
  return [
    atLeast(60_000, `fault simulation, all checks on (${measuredSeeds} seeds)`, perSecond(faults), 'events/s'),
    {
      name: `${fleetVms} VMs without faults, all checks on`,
      value: Math.round(perSecond(all)),
      unit: 'events/s',
      target: 'for information',
      ok: true,
    },
    atLeast(300_000, `${fleetVms} VMs without faults, checks sampled`, perSecond(sampled), 'events/s'),
    atMost(60, long ? fleet : `${fleet}, from ${hours} of them (--long: all)`, sampled.cpuSeconds / share, 's'),
  ];
}

/** A world without faults: as many VMs as allowed are busy all the time, each with one container of some two hours. */
function atScale(vms: number, containers: number, hours: number): Scenario {
  const small = drawScenario(scaleSeed).instanceTypes.filter((type) => type.name === 'small');
  const meanMs = (vms * hours * hourMs) / containers;
  return drawScenario(scaleSeed, {
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
  const scenarios = Array.from({ length: count }, (_, index) => drawScenario(first + index));
  return measure(() => playAll(scenarios, 'all'));
}

async function playAll(scenarios: readonly Scenario[], checks: Checks): Promise<readonly SimulationResult[]> {
  const results: SimulationResult[] = [];
  for (const scenario of scenarios) {
    const result = await runSimulation(scenario, { checks });
    if (result.violation !== undefined) throw new Error(`seed ${scenario.seed}: ${result.violation.detail}`);
    results.push(result);
  }
  return results;
}

async function measure(play: () => Promise<readonly SimulationResult[]>): Promise<Played> {
  const before = process.cpuUsage();
  const results = await play();
  const { user, system } = process.cpuUsage(before);
  return { events: results.reduce((sum, result) => sum + result.events, 0), cpuSeconds: (user + system) / 1e6 };
}

function perSecond({ events, cpuSeconds }: Played): number {
  return events / cpuSeconds;
}
