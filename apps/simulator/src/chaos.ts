import type { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { FaultName } from './faults/fault-names.ts';
import { hostStrikes } from './host-strikes.ts';
import { pick } from './pick.ts';
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
  'credentials-expired': 1_200_000,
  'vm-reboots': 600_000,
  'key-changed': 900_000,
  'stale-lock': 600_000,
  'disk-full': 900_000,
  unkillable: 900_000,
  'starts-fail': 900_000,
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
    this.#world.hosts.heal();
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
    const atHost = hostStrikes[fault];
    if (atHost !== undefined) {
      const host = pick(world.hosts.all(), random);
      return (
        host !== undefined && atHost(host, random, world, (forMs, undo) => this.#lasting(world.clock, forMs, undo))
      );
    }
    switch (fault) {
      case 'capacity':
        return this.#takeCapacity(random);
      case 'credentials-expired':
        return this.#breakCredentials(random);
      case 'leadership-lost':
        world.loseLeadership();
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

  #breakCredentials(random: SeededRandom): boolean {
    const { cloud, clock } = this.#world;
    if (cloud.faults.authBroken) return false;
    cloud.faults.authBroken = true;
    this.#lasting(clock, random.next() * 300_000, () => (cloud.faults.authBroken = false));
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
