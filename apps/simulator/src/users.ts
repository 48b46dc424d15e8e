import type { ContainerSpec, ContainerStore, ContainerUuid } from '@drover/spec';
import type { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { Range, Scenario } from './scenario.ts';
import { workCommand } from './work-plan.ts';

const gibibyte = 1024 ** 3;

/** What the users of a simulated world work with. */
export interface UsersPorts {
  readonly clock: SimulatedClock;
  readonly store: ContainerStore;
  readonly random: SeededRandom;
  readonly setPriority: (uuid: ContainerUuid, priority: number, reason: string) => Promise<void>;
}

/** People who submit containers in bursts, and sometimes change their minds. */
export class Users {
  readonly #ports: UsersPorts;
  readonly #scenario: Scenario;
  #left: number;
  #submitting = false;

  constructor(ports: UsersPorts, scenario: Scenario) {
    this.#ports = ports;
    this.#scenario = scenario;
    this.#left = scenario.containers;
  }

  /** Everything has been submitted. */
  get done(): boolean {
    return this.#left === 0 && !this.#submitting;
  }

  start(): void {
    this.#nextBurst();
  }

  #nextBurst(): void {
    const { clock, random } = this.#ports;
    const { submitOverMs, containers } = this.#scenario;
    if (this.#left === 0) return;
    const meanMs = submitOverMs / containers;
    clock.timer(meanMs === 0 ? 0 : -Math.log(1 - random.next()) * meanMs * 2, () => void this.#burst());
  }

  async #burst(): Promise<void> {
    const { random, store } = this.#ports;
    const size = this.#scenario.submitOverMs === 0 ? this.#left : Math.min(this.#left, 1 + random.integer(4));
    const first = 1 + this.#scenario.containers - this.#left;
    this.#left -= size;
    const { onlyContainers } = this.#scenario;
    const specs = Array.from({ length: size }, (_, index) => first + index)
      .filter((ordinal) => onlyContainers?.includes(ordinal) ?? true)
      .map((ordinal) => drawSpec(random.fork(`container ${ordinal}`), this.#scenario));
    const signal = new AbortController().signal;
    this.#submitting = true;
    if (specs.length > 0) await store.submit(specs, { signal });
    this.#submitting = false;
    this.#nextBurst();
  }

  /** They want this one no more. */
  cancel(uuid: ContainerUuid): void {
    // It may have ended meanwhile, or the queue may refuse: people shrug.
    this.#ports.setPriority(uuid, 0, 'changed their mind').catch(() => undefined);
  }
}

function drawSpec(random: SeededRandom, scenario: Scenario): ContainerSpec {
  const largest = Math.max(...scenario.instanceTypes.map((type) => type.vcpus));
  const vcpus = Math.min(largest, random.chance(0.6) ? 1 : 1 + random.integer(largest));
  const spotOffered = scenario.instanceTypes.some((type) => type.preemptible && type.vcpus >= vcpus);
  // Drawn whether or not it matters, so that one type less does not move the rest.
  const likesSpot = random.chance(0.4);
  const plan = {
    durationMs: between(random, scenario.runMs),
    exitCode: random.chance(0.15) ? 1 : 0,
    logBytes: random.chance(0.3) ? random.integer(20_000) : random.integer(200),
  };
  return {
    command: workCommand(plan),
    env: {},
    resources: { vcpus, ramBytes: gibibyte / 2, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
    scheduling: {
      priority: 1 + random.integer(1000),
      preemptible: spotOffered && likesSpot ? 'prefer' : false,
      supervisor: random.chance(0.1),
    },
    retry: { attempts: 1 + random.integer(3), on: ['exit-code'] },
  };
}

function between(random: SeededRandom, [min, max]: Range): number {
  return min + random.next() * (max - min);
}
