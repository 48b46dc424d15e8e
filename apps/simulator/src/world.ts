import type { ContainerUuid, DispatchEvent, InstanceId, RunResult } from '@drover/spec';
import {
  type FakeCloud,
  healCloud,
  type HostHooks,
  MemoryQueue,
  SeededRandom,
  SimulatedClock,
  type SimulatedHosts,
} from '@drover/testkit';
import { Chaos, pick } from './chaos.ts';
import { CreatesInFlight } from './creates-in-flight.ts';
import { queueFaultPlan } from './faults/queue-fault-plan.ts';
import { Incarnation, type Sabotage } from './incarnation.ts';
import { InvariantWatch } from './invariant-watch.ts';
import { drawFrom, makeCloud, makeHosts } from './make-parts.ts';
import type { Scenario } from './scenario.ts';
import { StrikeBook } from './plans/strike-book.ts';
import { Trace } from './trace.ts';
import { Operators } from './operators.ts';
import { Users } from './users.ts';
import { worldInvariants } from './world-invariants.ts';

export const instanceSetId = 'simulated-set';
export const tagKeyPrefix = 'Sim';

/** What is not part of the scenario. */
export interface WorldOptions {
  /** Hears every line of the history. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly sabotage?: Sabotage;
}

/** A whole simulated world: cloud, VMs, queue, users, operators, and one dispatcher after another. */
export class World {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly trace: Trace;
  readonly cloud: FakeCloud;
  readonly hosts: SimulatedHosts;
  readonly database: MemoryQueue;
  readonly operators: Operators;
  readonly watch: InvariantWatch;
  readonly strikes: StrikeBook;
  readonly creates = new CreatesInFlight(`${tagKeyPrefix}InstanceSecret`, 10_000);
  /** Submitted so far. */
  readonly containers: ContainerUuid[] = [];
  readonly #random: SeededRandom;
  readonly #sabotage: Sabotage;
  readonly #users: Users;
  readonly #chaos: Chaos;
  readonly #troubleAtMs = new Map<InstanceId, number>();
  readonly #firstSeenMs = new Map<InstanceId, number>();
  #incarnation: Incarnation | undefined;
  #born = 0;
  #healed = false;
  #lostNoticeMs = 0;
  readonly #cancelledAtMs = new Map<ContainerUuid, number>();

  constructor(scenario: Scenario, { onLine, sabotage = {} }: WorldOptions = {}) {
    this.scenario = scenario;
    this.trace = new Trace(2000, onLine);
    this.#sabotage = sabotage;
    this.strikes = new StrikeBook(scenario.strikes, (fault) => this.trace.add(clock.monotonicMs(), 'fault', fault));
    const random = new SeededRandom(scenario.seed).fork('world');
    this.#random = random;
    const ties = random.fork('ties');
    this.clock = new SimulatedClock({ tieBreak: () => ties.next() });
    const { clock } = this;
    const note = (kind: 'start' | 'ack', instanceId: InstanceId, uuid: string, generation: number): void => {
      this.trace.add(clock.monotonicMs(), 'host', [kind, instanceId, uuid, generation]);
      this.watch.runner({ kind, instanceId, uuid, generation });
    };
    const gate = (fault: string): boolean => this.strikes.allows(fault);
    const hooks: HostHooks = {
      onRunStarted: (instanceId, uuid, generation) => note('start', instanceId, uuid, generation),
      onRunEnded: (instanceId, uuid, generation, result) => this.#ended(instanceId, uuid, generation, result),
      onAcked: (instanceId, uuid, generation) => note('ack', instanceId, uuid, generation),
      onPowerOff: (instanceId) => this.cloud.powerOff(instanceId),
    };
    this.hosts = makeHosts(scenario, clock, random, { hooks, gate });
    this.cloud = makeCloud(scenario, clock, random, { hosts: this.hosts, gate });
    this.database = new MemoryQueue({
      clock,
      random: random.fork('queue'),
      latencyMs: drawFrom(random.fork('queue latency'), scenario.queueLatencyMs),
      faults: queueFaultPlan(scenario, random.fork('queue faults'), {
        isOn: () => !this.#healed,
        gate,
      }),
    });
    this.watch = new InvariantWatch(worldInvariants(this), () => clock.monotonicMs());
    this.database.onEvent((event) => {
      this.trace.add(clock.monotonicMs(), 'queue', event);
      this.watch.queueEvent(event);
    });
    this.operators = new Operators(this);
    this.#users = new Users(
      {
        clock,
        random: random.fork('users'),
        store: this.database.open().store,
        onSubmitted: (uuids) => this.containers.push(...uuids),
      },
      scenario,
    );
    this.#chaos = new Chaos(this, random.fork('chaos'));
  }

  start(): void {
    const { clock, scenario } = this;
    this.#giveBirth();
    this.#users.start();
    this.#chaos.start(scenario);
    clock.timer(scenario.healAtMs, () => this.#heal());
    const everyMinute = (): void => {
      this.watch.everyMinute();
      clock.timer(60_000, everyMinute);
    };
    everyMinute();
  }

  /** Looks at everything after each step. */
  afterStep(): void {
    const { vms } = this.cloud;
    this.creates.note(vms);
    for (const { id } of vms) if (!this.#firstSeenMs.has(id)) this.#firstSeenMs.set(id, this.clock.monotonicMs());
    this.watch.afterStep();
  }

  get isHealed(): boolean {
    return this.#healed;
  }

  /** Everything has ended that can end. */
  get hasConverged(): boolean {
    if (!this.#healed || !this.#users.done) return false;
    return this.unfinished().length === 0 && this.livingVms().length === 0;
  }

  /** The dispatcher of the moment, once it leads. */
  get incarnation(): Incarnation | undefined {
    return this.#incarnation;
  }

  /** How many dispatchers there have been. */
  get incarnations(): number {
    return this.#born;
  }

  unfinished(): readonly ContainerUuid[] {
    return this.containers.filter((uuid) => {
      const { state } = this.database.record(uuid);
      return state !== 'Complete' && state !== 'Cancelled';
    });
  }

  /** VMs of the set that are not terminated, with or without tags. */
  livingVms() {
    return this.cloud.vms.filter((vm) => vm.lifecycle !== 'terminated');
  }

  firstSeenMs(id: InstanceId): number {
    return this.#firstSeenMs.get(id) ?? this.clock.monotonicMs();
  }

  /** When the way to a VM was last closed or opened by a fault. */
  troubleAtMs(id: InstanceId): number | undefined {
    return this.#troubleAtMs.get(id);
  }

  noteTrouble(id: InstanceId): void {
    this.#troubleAtMs.set(id, this.clock.monotonicMs());
  }

  /** How often each fault struck, by its name. */
  get strikeCounts(): ReadonlyMap<string, number> {
    return new Map([...this.strikes.counts, ...this.cloud.faultHits]);
  }

  /** The dispatcher dies between two steps. */
  crash(): boolean {
    this.#incarnation?.life.cut();
    return true;
  }

  /** The dispatcher is stopped as by an operator, and another one is started. */
  restart(): boolean {
    const incarnation = this.#incarnation;
    if (incarnation?.readyAtMs === undefined) return false;
    void incarnation.dispatcher.stop();
    return true;
  }

  /** Another dispatcher takes the lead while the present one goes on for a while, because it does not hear of it. */
  splitBrain(forMs: number): boolean {
    if (this.#incarnation === undefined || this.database.leadingEpoch === undefined) return false;
    this.#lostNoticeMs = forMs;
    this.database.loseLeadership();
    this.#lostNoticeMs = 0;
    this.#giveBirth();
    return true;
  }

  /** When a user asked for the end of a container. */
  cancelledAtMs(uuid: ContainerUuid): number | undefined {
    return this.#cancelledAtMs.get(uuid);
  }

  /** A user changes their mind about a container that has not ended. */
  changeMind(): boolean {
    const uuid = pick(this.unfinished(), this.#random);
    if (uuid === undefined) return false;
    this.#users.cancel(uuid);
    this.#cancelledAtMs.set(uuid, this.clock.monotonicMs());
    return true;
  }

  operate(random: SeededRandom): boolean {
    return this.operators.act(random);
  }

  #heal(): void {
    this.trace.add(this.clock.monotonicMs(), 'world', 'heals');
    this.#healed = true;
    healCloud(this.cloud.faults);
    this.#chaos.heal();
    this.operators.release();
  }

  #giveBirth(): void {
    this.#born += 1;
    const number = this.#born;
    const random = this.#random.fork(`dispatcher ${number}`);
    const { scenario, clock } = this;
    const mayDie = scenario.faults.includes('dispatcher-crash') && !this.#healed;
    const death =
      mayDie && this.strikes.allows('planned-death')
        ? { atCall: 1 + Math.floor(random.next() ** 2 * 2000), afterEffect: random.chance(0.5) }
        : undefined;
    const observe = (event: DispatchEvent): void => this.trace.add(clock.monotonicMs(), `dispatcher ${number}`, event);
    this.#incarnation = new Incarnation(
      {
        clock,
        cloud: this.cloud,
        hosts: this.hosts,
        database: this.database,
        random,
        observe,
        sabotage: this.#sabotage,
        lostNoticeMs: () => this.#lostNoticeMs,
        onCreate: (request, answered) => {
          const vms = this.livingVms();
          if (this.#born === number) this.watch.create(this.creates.toCome(request, vms, clock.monotonicMs()));
          this.creates.begin(request, answered, clock.monotonicMs());
        },
        // A cloud cannot fence: what one does that does not know yet that it was replaced, only runners and queue can refuse.
        onDestroy: (instance) => {
          if (this.#born === number) this.watch.destroy(instance);
        },
        onEnd: (why) => {
          this.trace.add(clock.monotonicMs(), 'world', `dispatcher ${number}: ${why}`);
          // One that was replaced already is missed by nobody.
          clock.timer(1000 + random.next() * 60_000, () => {
            if (this.#born === number) this.#giveBirth();
          });
        },
      },
      {
        pool: {
          instanceSetId,
          tagKeyPrefix,
          instanceTypes: scenario.instanceTypes,
          maxInstances: scenario.maxInstances,
        },
        scheduler: { maxContainersPerInstance: scenario.maxContainersPerInstance },
      },
      death,
    );
    this.#incarnation.start();
  }

  #ended(instanceId: InstanceId, uuid: string, generation: number, result: RunResult | undefined): void {
    this.trace.add(this.clock.monotonicMs(), 'host', ['end', instanceId, uuid, generation, result]);
    if (result !== undefined) this.watch.result({ instanceId, uuid, generation, result });
  }
}
