import type { SeededRandom, SimulatedClock, SimulatedHost } from '@drover/testkit';
import { hostFaults } from '@drover/testkit';
import type { FaultName } from './faults/fault-names.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Faults that come at random moments, with the mean time between two of them. */
const meanTimes: Readonly<Partial<Record<FaultName, number>>> = {
  'vm-lost': 900_000,
  'ssh-refused': 300_000,
  'ssh-reset': 120_000,
  'ssh-freeze': 400_000,
  'runner-killed': 300_000,
  'runner-broken': 1_200_000,
  capacity: 600_000,
  'leadership-lost': 900_000,
  'split-brain': 900_000,
  'dispatcher-crash': 400_000,
  'dispatcher-restart': 900_000,
  'wall-clock-jumps': 600_000,
  'priority-zero': 300_000,
  operator: 200_000,
};

/** Lets the faults of a scenario strike a world at random moments, until it heals. */
export class Chaos {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #healers = new Set<() => void>();
  #isOn = true;

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  start(scenario: Scenario): void {
    for (const fault of scenario.faults) {
      const meanMs = meanTimes[fault];
      if (meanMs !== undefined) this.#strikeLater(fault, meanMs / scenario.faultIntensity, this.#random.fork(fault));
    }
  }

  /** Nothing strikes any more, and what lasts ends now. */
  heal(): void {
    this.#isOn = false;
    for (const heal of this.#healers) heal();
    this.#healers.clear();
    for (const host of this.#world.hosts.all()) Object.assign(host.faults, hostFaults());
  }

  #strikeLater(fault: FaultName, meanMs: number, random: SeededRandom): void {
    this.#world.clock.timer(-Math.log(1 - random.next()) * meanMs, () => {
      if (!this.#isOn) return;
      // What a strike draws for itself must not move the moments of later ones.
      const { strikes } = this.#world;
      if (strikes.allows(fault) && !this.#strike(fault, random.fork(`strike ${strikes.occasions(fault)}`)))
        strikes.missed(fault);
      this.#strikeLater(fault, meanMs, random);
    });
  }

  /** False: there was nothing to strike at. */
  #strike(fault: FaultName, random: SeededRandom): boolean {
    const world = this.#world;
    const host = pick(world.hosts.all(), random);
    switch (fault) {
      case 'vm-lost':
        if (host !== undefined) world.cloud.kill(host.instanceId);
        return host !== undefined;
      case 'ssh-reset':
        host?.resetConnections();
        return host !== undefined;
      case 'ssh-refused':
      case 'ssh-freeze':
        return host !== undefined && this.#trouble(host, fault, random);
      case 'runner-killed':
        return host !== undefined && this.#killRunner(host, random);
      case 'runner-broken':
        host?.agent.breakDown('the disk is full');
        return host !== undefined;
      case 'capacity':
        return this.#takeCapacity(random);
      case 'leadership-lost':
        world.database.loseLeadership();
        return true;
      case 'split-brain':
        return world.dispatchers.splitBrain(random.next() * 60_000);
      case 'dispatcher-crash':
        return world.dispatchers.crash();
      case 'dispatcher-restart':
        return world.dispatchers.restart();
      case 'wall-clock-jumps':
        world.clock.jumpWall((random.next() - 0.5) * 7_200_000);
        return true;
      case 'priority-zero':
        return world.changeMind();
      case 'operator':
        return world.operators.act(random);
      default:
        return false;
    }
  }

  /** The way to a VM is closed for a while: mostly short, sometimes longer than any probe waits. */
  #trouble(host: SimulatedHost, fault: 'ssh-refused' | 'ssh-freeze', random: SeededRandom): boolean {
    const key = fault === 'ssh-refused' ? 'refuseConnections' : 'frozen';
    if (host.faults[key]) return false;
    host.faults[key] = true;
    this.#world.vms.noteTrouble(host.instanceId);
    this.#lasting(this.#world.clock, random.chance(0.2) ? 1_500_000 : 120_000 * random.next(), () => {
      host.faults[key] = false;
      this.#world.vms.noteTrouble(host.instanceId);
      // A connection that was silent for so long is dead.
      if (fault === 'ssh-freeze') host.resetConnections();
    });
    return true;
  }

  /** The agent dies for a while, or the supervisor of one run does. */
  #killRunner(host: SimulatedHost, random: SeededRandom): boolean {
    const run = pick(host.liveRuns, random);
    if (run !== undefined && random.chance(0.5)) {
      host.agent.loseSupervisor(run.uuid, random.next() * 20_000);
      return true;
    }
    host.faults.agentDead = true;
    host.resetConnections();
    this.#world.vms.noteTrouble(host.instanceId);
    this.#lasting(this.#world.clock, random.next() * 60_000, () => {
      host.faults.agentDead = false;
      this.#world.vms.noteTrouble(host.instanceId);
    });
    return true;
  }

  #takeCapacity(random: SeededRandom): boolean {
    const { cloud, scenario, clock } = this.#world;
    const type = pick(scenario.instanceTypes, random);
    if (type === undefined) return false;
    const scope = random.integer(3);
    if (scope === 0) cloud.faults.outOfCapacity = { all: true };
    else if (scope === 1) cloud.faults.outOfCapacity = { instanceTypes: [type.name] };
    else cloud.faults.outOfCapacity = { offerings: [`${type.name}@zone-a`] };
    this.#lasting(clock, random.next() * 600_000, () => {
      cloud.faults.outOfCapacity = {};
    });
    return true;
  }

  /** Undoes something later, or when the world heals before. */
  #lasting(clock: SimulatedClock, forMs: number, undo: () => void): void {
    const heal = (): void => {
      if (this.#healers.delete(heal)) undo();
    };
    this.#healers.add(heal);
    clock.timer(forMs, heal);
  }
}

/** One of them, or undefined when there is none. */
export function pick<T>(all: readonly T[], random: SeededRandom): T | undefined {
  return all[random.integer(all.length)];
}
