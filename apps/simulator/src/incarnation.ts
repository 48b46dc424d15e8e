import { composeDispatcher, type Dispatcher, type DispatcherOptions } from '@drover/compose';
import type {
  Clock,
  ContainerQueue,
  DispatchEvent,
  Executor,
  InstanceId,
  InstanceSet,
  Random,
  StateStore,
} from '@drover/spec';
import {
  type FakeCloud,
  type QueueRules,
  type SeededRandom,
  type SimulatedClock,
  type SimulatedHosts,
  simulatedRunnerSource,
} from '@drover/testkit';
import { cutClock, cutExecutor, cutInstanceSet, cutQueue, cutStateStore } from './cut-ports.ts';
import { Lifeline, type PlannedDeath } from './lifeline.ts';
import { type PortObserver, PortTap } from './port-call.ts';
import { ProcessConnections } from './process-connections.ts';
import type { DatabaseConnection } from './queue-model/sqlite-database.ts';
import { tapExecutor, tapInstanceSet, tapQueue, tapStateStore } from './tapped-ports.ts';

/**
 * Plants a bug, to see that the invariants notice: each function gets the true port and gives the one that the dispatcher
 * will use. What the world observes, it observes behind these, so a port that lies changes nothing of what is true.
 */
export interface Sabotage {
  readonly queue?: (queue: ContainerQueue) => ContainerQueue;
  readonly cloud?: (cloud: InstanceSet) => InstanceSet;
  readonly state?: (state: StateStore) => StateStore;
  /** The way to one VM. */
  readonly executor?: (executor: Executor, id: InstanceId) => Executor;
  readonly clock?: (clock: Clock) => Clock;
  readonly random?: (random: Random) => Random;
  /** What the queue in memory decides by. In a world with a real database that one keeps to the true rules. */
  readonly rules?: (rules: QueueRules) => QueueRules;
  /** A dispatcher that works by other numbers than the invariants know of. */
  readonly options?: (options: DispatcherOptions) => DispatcherOptions;
}

/** The world as one incarnation of the dispatcher finds it. */
export interface IncarnationPorts {
  readonly clock: SimulatedClock;
  readonly cloud: FakeCloud;
  readonly hosts: SimulatedHosts;
  /** Opens the queue for this process. */
  readonly openQueue: () => DatabaseConnection;
  readonly random: SeededRandom;
  readonly observe: (event: DispatchEvent) => void;
  /** Which one it is, counted from 1. */
  readonly number: number;
  /** Is told of everything that is asked of the ports. */
  readonly observer: PortObserver;
  readonly sabotage: Sabotage;
  /** From the loss of the lead until this incarnation hears of it. */
  readonly lostNoticeMs: () => number;
  /** It is about to hear that it has lost the lead. */
  readonly onToldOfLoss: () => void;
  /** It is dead, or has given up: another one may be started. */
  readonly onEnd: (why: string) => void;
}

/** One process of the dispatcher over the simulated world: lives until its planned death, a cut, or the loss of the lead. */
export class Incarnation {
  readonly dispatcher: Dispatcher;
  readonly life: Lifeline;
  readonly #connection: DatabaseConnection;
  readonly #connections = new ProcessConnections();
  readonly #ports: IncarnationPorts;
  #ended = false;
  #readyAtMs: number | undefined;

  constructor(ports: IncarnationPorts, options: DispatcherOptions, death: PlannedDeath | undefined) {
    this.#ports = ports;
    this.life = new Lifeline(() => this.#die('it was killed'), death);
    this.#connection = ports.openQueue();
    const { life } = this;
    const tap = this.#tap();
    const {
      queue = same,
      cloud = same,
      state = same,
      clock = same,
      random = same,
      executor: mutateExecutor = same,
      options: mutateOptions = same,
    } = ports.sabotage;
    this.dispatcher = composeDispatcher(
      {
        clock: cutClock(clock(ports.clock), life),
        random: random(ports.random),
        observe: life.listener(ports.observe),
        instanceSet: cutInstanceSet(cloud(tapInstanceSet(ports.cloud, tap)), life),
        executorFactory: (id) => {
          const executor = ports.hosts.executorFactory(id);
          this.#connections.add(executor);
          return cutExecutor(mutateExecutor(tapExecutor(executor, id, tap), id), life);
        },
        queue: cutQueue(queue(tapQueue(this.#connection.queue, tap)), life),
        stateStore: cutStateStore(state(tapStateStore(this.#watchLead(), tap)), life, (notice) =>
          ports.clock.timer(ports.lostNoticeMs(), notice),
        ),
        runner: simulatedRunnerSource,
      },
      mutateOptions(options),
    );
  }

  /** Monotonic; since when it knows its VMs. */
  get readyAtMs(): number | undefined {
    return this.#readyAtMs;
  }

  start(): void {
    const { dispatcher } = this;
    dispatcher.start().then(
      () => this.#follow(),
      (error: unknown) => {
        this.#die(`it could not start: ${String(error)}`);
        this.life.cut();
      },
    );
  }

  #follow(): void {
    const { dispatcher, life } = this;
    dispatcher.whenReady().then(
      () => (this.#readyAtMs = this.#ports.clock.monotonicMs()),
      () => undefined,
    );
    void this.#awaitEnd(dispatcher, life);
  }

  async #awaitEnd(dispatcher: Dispatcher, life: Lifeline): Promise<void> {
    const why = await dispatcher.ended;
    if (!life.isCut) this.#die(`it ended: ${why?.message ?? 'as asked'}`);
    life.cut();
  }

  /** The machine closes what the process had open. */
  #die(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.close();
    this.#connections.end();
    this.#ports.onEnd(why);
  }

  /** The world tells when the loss of the lead is told, whether or not anybody listens. */
  #watchLead(): StateStore {
    const { state } = this.#connection;
    const { clock, lostNoticeMs, onToldOfLoss } = this.#ports;
    return {
      ...state,
      lead: async (options) => {
        const leadership = await state.lead(options);
        leadership.onLost(() => clock.timer(lostNoticeMs(), onToldOfLoss));
        return leadership;
      },
    };
  }

  #tap(): PortTap {
    const { number, observer } = this.#ports;
    return new PortTap(number, observer);
  }
}

function same<T>(port: T): T {
  return port;
}
