import type { ContainerSpec, ContainerStore, ContainerUuid } from '@drover/spec';
import type { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { Range, Scenario } from './scenario.ts';

/** What a simulated container does; written into its command, so that the simulated host can read it there. */
export interface WorkPlan {
  readonly durationMs: number;
  readonly exitCode: number;
  /** Bytes written to stdout. */
  readonly logBytes: number;
}

const program = 'simulated-work';
const gibibyte = 1024 ** 3;

export function workCommand(plan: WorkPlan): readonly string[] {
  return [program, String(plan.durationMs), String(plan.exitCode), String(plan.logBytes)];
}

/** Throws when the command is not a simulated one. */
export function readWorkCommand(command: readonly string[]): WorkPlan {
  const [name, durationMs, exitCode, logBytes] = command;
  if (name !== program) throw new Error(`not a simulated command: ${command.join(' ')}`);
  return { durationMs: Number(durationMs), exitCode: Number(exitCode), logBytes: Number(logBytes) };
}

/** What the users of a simulated world work with. */
export interface UsersPorts {
  readonly clock: SimulatedClock;
  readonly store: ContainerStore;
  readonly random: SeededRandom;
  readonly onSubmitted: (uuids: readonly ContainerUuid[]) => void;
  readonly onCancelled: (uuid: ContainerUuid) => void;
}

/** People who submit containers in bursts, and sometimes change their minds. */
export class Users {
  readonly #ports: UsersPorts;
  readonly #scenario: Scenario;
  #left: number;

  constructor(ports: UsersPorts, scenario: Scenario) {
    this.#ports = ports;
    this.#scenario = scenario;
    this.#left = scenario.containers;
  }

  /** Everything has been submitted. */
  get done(): boolean {
    return this.#left === 0;
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
    const { random, store, onSubmitted } = this.#ports;
    const size = this.#scenario.submitOverMs === 0 ? this.#left : Math.min(this.#left, 1 + random.integer(4));
    this.#left -= size;
    const specs = Array.from({ length: size }, () => drawSpec(random, this.#scenario));
    const signal = new AbortController().signal;
    onSubmitted(await store.submit(specs, { signal }));
    this.#nextBurst();
  }

  /** Sets the priority of one of these containers to 0, unless it has ended already. */
  async cancelOne(uuids: readonly ContainerUuid[]): Promise<void> {
    const { random, store, onCancelled } = this.#ports;
    const uuid = uuids[random.integer(uuids.length)];
    if (uuid === undefined) return;
    onCancelled(uuid);
    const signal = new AbortController().signal;
    // It may have ended meanwhile: then there is nothing to cancel.
    await store.setPriority(uuid, 0, 'changed their mind', { signal }).catch(() => undefined);
  }
}

function drawSpec(random: SeededRandom, scenario: Scenario): ContainerSpec {
  const largest = Math.max(...scenario.instanceTypes.map((type) => type.vcpus));
  const vcpus = Math.min(largest, random.chance(0.6) ? 1 : 1 + random.integer(largest));
  const spotOffered = scenario.instanceTypes.some((type) => type.preemptible && type.vcpus >= vcpus);
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
      preemptible: spotOffered && random.chance(0.4) ? 'prefer' : false,
      supervisor: random.chance(0.1),
    },
    retry: { attempts: 1 + random.integer(3), on: ['exit-code'] },
  };
}

function between(random: SeededRandom, [min, max]: Range): number {
  return min + random.next() * (max - min);
}
