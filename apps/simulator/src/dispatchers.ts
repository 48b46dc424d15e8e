import type { DispatchEvent } from '@drover/spec';
import type { SeededRandom } from '@drover/testkit';
import { Incarnation, type Sabotage } from './incarnation.ts';
import type { Lifeline, PlannedDeath } from './lifeline.ts';
import { instanceSetId, tagKeyPrefix } from './set-names.ts';
import type { World } from './world.ts';

/** The longest that a dead dispatcher is missed before another one is started. */
const rebirthMs = 60_000;

/** One dispatcher after another over the same world; sometimes two at once. */
export class Dispatchers {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #sabotage: Sabotage;
  #current: Incarnation | undefined;
  #born = 0;
  #lostNoticeMs = 0;

  constructor(world: World, random: SeededRandom, sabotage: Sabotage) {
    this.#world = world;
    this.#random = random;
    this.#sabotage = sabotage;
  }

  /** The dispatcher of the moment, dead or alive. */
  get current(): Incarnation | undefined {
    return this.#current;
  }

  /** How many there have been. */
  get count(): number {
    return this.#born;
  }

  /** A new process takes over as the dispatcher of the moment. */
  giveBirth(): void {
    this.#born += 1;
    const number = this.#born;
    const { scenario, clock, trace, cloud, hosts, watch, sometimes } = this.#world;
    const random = this.#random.fork(`dispatcher ${number}`);
    const death = this.#drawDeath(random);
    const source = `dispatcher ${number}`;
    const isCurrent = (): boolean => this.#born === number;
    const incarnation = new Incarnation(
      {
        clock,
        cloud,
        hosts,
        openQueue: () => this.#world.openQueue(),
        random,
        observe: (event: DispatchEvent) => {
          trace.add(clock.monotonicMs(), source, event);
          sometimes.event(event);
        },
        sabotage: this.#sabotage,
        lostNoticeMs: () => this.#lostNoticeMs,
        number,
        observer: this.#world.ears,
        onToldOfLoss: () => watch.toldOfLoss(number),
        onEnd: (why) => {
          trace.add(clock.monotonicMs(), 'world', `dispatcher ${number}: ${why}`);
          this.#noteDeath(incarnation.life);
          // One that was replaced already is missed by nobody.
          clock.timer(1000 + random.next() * rebirthMs, () => {
            if (isCurrent()) this.giveBirth();
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
    this.#current = incarnation;
    incarnation.start();
  }

  /** It dies between two steps. */
  crash(): boolean {
    this.#current?.life.cut();
    return true;
  }

  /** It is stopped as by an operator, and another one is started. */
  restart(): boolean {
    const incarnation = this.#current;
    if (incarnation?.readyAtMs === undefined) return false;
    void incarnation.dispatcher.stop();
    return true;
  }

  /** Another one takes the lead while the present one goes on for a while, because it does not hear of it. */
  splitBrain(forMs: number): boolean {
    if (this.#current === undefined || this.#world.database.leadingEpoch === undefined) return false;
    this.#lostNoticeMs = forMs;
    this.#world.loseLeadership();
    this.#lostNoticeMs = 0;
    this.giveBirth();
    return true;
  }

  #noteDeath({ diedInCall }: Lifeline): void {
    const { sometimes } = this.#world;
    if (diedInCall === 'after its effect') sometimes.moment('a dispatcher dies in a call that takes effect');
    if (diedInCall === 'before its effect') sometimes.moment('a dispatcher dies in a call that does not');
  }

  #drawDeath(random: SeededRandom): PlannedDeath | undefined {
    const { scenario, isHealed, strikes } = this.#world;
    if (isHealed || !scenario.faults.includes('dispatcher-crash')) return undefined;
    if (!strikes.allows('planned-death')) return undefined;
    return { atCall: 1 + Math.floor(random.next() ** 2 * 2000), afterEffect: random.chance(0.5) };
  }
}
