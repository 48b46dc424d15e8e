import { decide } from '@drover/queue-rules';
import type { ContainerEvent, RunResult } from '@drover/spec';
import {
  type CloudHooks,
  type FakeCloud,
  healCloud,
  type HostHooks,
  MemoryQueue,
  SeededRandom,
  SimulatedClock,
  type SimulatedHosts,
} from '@drover/testkit';
import { Chaos } from './chaos.ts';
import { pick } from './pick.ts';
import { type Checks, checkRhythms } from './check-rhythm.ts';
import { ContainerRegister } from './container-register.ts';
import { Dispatchers } from './dispatchers.ts';
import { Ears } from './ears.ts';
import { queueFaultPlan } from './faults/queue-fault-plan.ts';
import type { Incarnation, Sabotage } from './incarnation.ts';
import { InvariantWatch } from './invariant-watch.ts';
import type { LiveWorkload, RunnerAcceptance } from './invariants/invariant.ts';
import { LiveRuns } from './live-runs.ts';
import { drawFrom, makeCloud, makeHosts } from './make-parts.ts';
import { Operators } from './operators.ts';
import { PortTap } from './port-call.ts';
import { StrikeBook } from './plans/strike-book.ts';
import type { Scenario } from './scenario.ts';
import { tagKeyPrefix } from './set-names.ts';
import { Sometimes } from './sometimes.ts';
import { type DatabaseConnection, SqliteDatabase } from './queue-model/sqlite-database.ts';
import { Trace } from './trace.ts';
import { Users } from './users.ts';
import { VmRegister } from './vm-register.ts';
import { worldInvariants } from './world-invariants.ts';

/** Share of the worlds whose queue is a real SQLite database. */
const sqliteShare = 0.3;
/** Several listings, and a poll of the queue for each. */
const quietMs = 900_000;
/** VMs of others in the same account: of another set, and of somebody who knows nothing of sets. */
const foreignTags = [
  {
    [`${tagKeyPrefix}InstanceSetID`]: 'another-set',
    [`${tagKeyPrefix}InstanceType`]: 'small',
    [`${tagKeyPrefix}IdleBehavior`]: 'run',
    [`${tagKeyPrefix}InstanceSecret`]: 'f0'.repeat(20),
  },
  {},
];

/** What is not part of the scenario. */
export interface WorldOptions {
  /** Hears every line of the history. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly sabotage?: Sabotage;
  /** Default: all. The history is the same either way. */
  readonly checks?: Checks | undefined;
  /** Numbers of invariants that are not asked, to see what the others notice; default: none. */
  readonly unasked?: readonly number[];
}

/** A whole simulated world: cloud, VMs, queue, users, operators, and one dispatcher after another. */
export class World {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly trace: Trace;
  readonly cloud: FakeCloud;
  readonly hosts: SimulatedHosts;
  /** What is stored, as the invariants see it; and the queue of dispatchers and users, where that is not in SQLite. */
  readonly database: MemoryQueue;
  /** The queue of dispatchers and users; in some worlds. */
  readonly sqlite: SqliteDatabase | undefined;
  readonly dispatchers: Dispatchers;
  readonly ears: Ears;
  readonly operators: Operators;
  readonly watch: InvariantWatch;
  readonly strikes: StrikeBook;
  readonly vms: VmRegister;
  readonly containers: ContainerRegister;
  readonly liveRuns = new LiveRuns();
  readonly sometimes = new Sometimes();
  readonly #random: SeededRandom;
  readonly #users: Users;
  readonly #chaos: Chaos;
  #healed = false;
  #convergedAtMs: number | undefined;

  constructor(scenario: Scenario, { onLine, sabotage = {}, checks = 'all', unasked = [] }: WorldOptions = {}) {
    this.scenario = scenario;
    this.trace = new Trace(2000, onLine);
    this.strikes = new StrikeBook(scenario.strikes, (fault) => this.trace.add(clock.monotonicMs(), 'fault', fault));
    const random = new SeededRandom(scenario.seed).fork('world');
    this.#random = random;
    const ties = random.fork('ties');
    this.clock = new SimulatedClock({ tieBreak: () => ties.next() });
    const { clock } = this;
    this.vms = new VmRegister(clock, `${tagKeyPrefix}InstanceSecret`);
    this.containers = new ContainerRegister(clock);
    const gate = (fault: string): boolean => this.strikes.allows(fault);
    this.hosts = makeHosts(scenario, clock, random, { hooks: this.#hostHooks(), gate });
    this.cloud = makeCloud(scenario, { clock, random, gate, hooks: this.#cloudHooks() });
    for (const tags of foreignTags) this.cloud.addForeign(tags, scenario.instanceTypes[0]?.providerType);
    this.database = new MemoryQueue({
      clock,
      random: random.fork('queue'),
      ...(sabotage.rules !== undefined && { rules: sabotage.rules(decide) }),
      latencyMs: drawFrom(random.fork('queue latency'), scenario.queueLatencyMs),
      faults: queueFaultPlan(scenario, random.fork('queue faults'), {
        isOn: () => !this.#healed,
        gate,
      }),
    });
    this.ears = new Ears(this);
    if (random.fork('queue kind').chance(sqliteShare))
      this.sqlite = new SqliteDatabase(this.database, random.fork('sqlite'), (detail) =>
        this.watch.fail('SQLite answers as the queue in memory does', detail),
      );
    const asked = worldInvariants(this).filter(({ number }) => !unasked.includes(number));
    this.watch = new InvariantWatch(asked, () => clock.monotonicMs(), checkRhythms[checks]);
    this.database.onEvent((event) => this.#committed(event));
    this.database.onPin((id, keys) => {
      this.vms.notePin(id, keys);
      this.watch.pin(id, keys);
    });
    this.dispatchers = new Dispatchers(this, random, sabotage);
    this.operators = new Operators(this);
    this.#users = this.#makeUsers();
    this.#chaos = new Chaos(this, random.fork('chaos'));
  }

  /** The queue, as one more process opens it. */
  openQueue(): DatabaseConnection {
    return (this.sqlite ?? this.database).open();
  }

  /** Whoever leads has lost the lead. */
  loseLeadership(): void {
    (this.sqlite ?? this.database).loseLeadership();
  }

  start(): void {
    const { clock, scenario } = this;
    this.dispatchers.giveBirth();
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
    const nowMs = this.clock.monotonicMs();
    this.trace.tick(nowMs);
    this.watch.afterStep();
    if (this.hasConverged) this.#convergedAtMs ??= nowMs;
  }

  get isHealed(): boolean {
    return this.#healed;
  }

  /** Everything has ended that can end. */
  get hasConverged(): boolean {
    if (!this.#healed || !this.#users.done) return false;
    return this.containers.unfinishedCount === 0 && this.vms.count === 0;
  }

  /** Everything has ended for so long that whatever was still to move has moved. */
  get isQuiet(): boolean {
    return this.#convergedAtMs !== undefined && this.clock.monotonicMs() - this.#convergedAtMs > quietMs;
  }

  /** The dispatcher of the moment while it lives and knows its VMs. */
  get readyDispatcher(): Incarnation | undefined {
    const { current } = this.dispatchers;
    return current === undefined || current.life.isCut || current.readyAtMs === undefined ? undefined : current;
  }

  /** How often each fault struck, by its name. */
  get strikeCounts(): ReadonlyMap<string, number> {
    return new Map([...this.strikes.counts, ...this.cloud.faultHits]);
  }

  /** A user changes their mind about a container that has not ended. */
  changeMind(): boolean {
    const uuid = pick(this.containers.unfinished, this.#random);
    if (uuid === undefined) return false;
    this.#users.cancel(uuid);
    this.containers.cancelled(uuid);
    return true;
  }

  /** What users ask is told of as what dispatchers ask; they are number 0. */
  #makeUsers(): Users {
    const { clock, scenario } = this;
    const { store } = this.openQueue();
    const tap = new PortTap(0, this.ears);
    const { signal } = new AbortController();
    return new Users(
      {
        clock,
        random: this.#random.fork('users'),
        store,
        setPriority: (uuid, priority, reason) =>
          tap.call(
            { port: 'queue', operation: 'setPriority', subject: uuid, request: { priority }, changes: true },
            () => store.setPriority(uuid, priority, reason, { signal }),
          ),
      },
      scenario,
    );
  }

  #heal(): void {
    this.trace.add(this.clock.monotonicMs(), 'world', 'heals');
    this.#healed = true;
    healCloud(this.cloud.faults);
    this.#chaos.heal();
    this.operators.release();
  }

  #committed(event: ContainerEvent): void {
    this.trace.add(this.clock.monotonicMs(), 'queue', event);
    this.sometimes.queue(event);
    this.containers.note(event);
    this.watch.queueEvent(event);
  }

  #cloudHooks(): CloudHooks {
    return {
      ...this.hosts.cloudHooks,
      onChange: (vm, { foreign }) => {
        if (!foreign) this.vms.note(vm);
      },
      onForeignTouch: (verb, id) => this.watch.foreignTouch(verb, id),
    };
  }

  #hostHooks(): HostHooks {
    const { clock, trace } = this;
    const accepted = (acceptance: RunnerAcceptance): void => {
      const { kind, instanceId, uuid, generation } = acceptance;
      trace.add(clock.monotonicMs(), 'host', [kind, instanceId, uuid, generation]);
      if (kind === 'start') this.#began({ instanceId, uuid, generation });
      this.watch.runner(acceptance);
    };
    return {
      onRunStarted: (instanceId, uuid, generation, hostKey) =>
        accepted({ kind: 'start', instanceId, uuid, generation, hostKey }),
      onRunEnded: (instanceId, uuid, generation, result) => this.#ended({ instanceId, uuid, generation }, result),
      onAcked: (instanceId, uuid, generation) => accepted({ kind: 'ack', instanceId, uuid, generation }),
      onArrival: (instanceId, arrival) => this.watch.arrival({ instanceId, ...arrival }),
      onKill: (instanceId, asked, hits) => {
        trace.add(clock.monotonicMs(), 'host', ['kill', instanceId, asked]);
        this.watch.kill({ instanceId, ...asked, hits });
      },
      onRefused: (_instanceId, code) => this.sometimes.refused(code),
      onPowerOff: (instanceId) => this.cloud.powerOff(instanceId),
    };
  }

  #began(workload: LiveWorkload): void {
    this.liveRuns.began(workload);
    const before = this.database.record(workload.uuid).attempts.at(-2);
    if (before?.outcome === 'instance-lost') this.sometimes.moment('a container runs again after its VM was lost');
  }

  #ended(workload: LiveWorkload, result: RunResult | undefined): void {
    this.trace.add(this.clock.monotonicMs(), 'host', ['end', workload, result]);
    this.liveRuns.ended(workload);
    this.watch.runEnded(workload);
    if (result !== undefined) this.watch.result({ ...workload, result });
  }
}
