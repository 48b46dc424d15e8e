import type { ContainerEvent, HostKeys, Instance, InstanceId } from '@drover/spec';
import type {
  Arrival,
  DeadlyKill,
  Invariant,
  LiveWorkload,
  ProducedResult,
  RunnerAcceptance,
} from './invariants/invariant.ts';
import { type CheckRhythm, checkRhythms } from './check-rhythm.ts';
import type { PortAnswer, PortCall } from './port-call.ts';

/** What was broken, first. */
export interface Violation {
  readonly number: number;
  readonly rule: string;
  readonly detail: string;
  /** Monotonic simulated time. */
  readonly atMs: number;
}

/** The moments at which invariants are asked. */
type Moment = Exclude<keyof Invariant, 'number' | 'rule'>;

/** Asks every invariant at its moments and keeps the first that is broken. */
export class InvariantWatch {
  readonly #byMoment = new Map<Moment, readonly Invariant[]>();
  readonly #invariants: readonly Invariant[];
  readonly #nowMs: () => number;
  readonly #rhythm: CheckRhythm;
  #stepsLeft: number;
  #minutesLeft: number;
  #violation: Violation | undefined;

  constructor(invariants: readonly Invariant[], nowMs: () => number, rhythm = checkRhythms.all) {
    this.#invariants = invariants;
    this.#nowMs = nowMs;
    this.#rhythm = rhythm;
    this.#stepsLeft = rhythm.everySteps;
    this.#minutesLeft = rhythm.everyMinutes;
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  afterStep(): void {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return;
    this.#stepsLeft = this.#rhythm.everySteps;
    this.#ask('check', (invariant) => invariant.check?.());
  }

  everyMinute(): void {
    this.#minutesLeft -= 1;
    if (this.#minutesLeft > 0) return;
    this.#minutesLeft = this.#rhythm.everyMinutes;
    this.#ask('review', (invariant) => invariant.review?.());
  }

  queueEvent(event: ContainerEvent): void {
    this.#ask('onQueueEvent', (invariant) => invariant.onQueueEvent?.(event));
  }

  create(toCome: number): void {
    this.#ask('onCreate', (invariant) => invariant.onCreate?.(toCome));
  }

  destroy(instance: Instance): void {
    this.#ask('onDestroy', (invariant) => invariant.onDestroy?.(instance));
  }

  pin(id: InstanceId, keys: HostKeys): void {
    this.#ask('onPin', (invariant) => invariant.onPin?.(id, keys));
  }

  runner(acceptance: RunnerAcceptance): void {
    this.#ask('onRunner', (invariant) => invariant.onRunner?.(acceptance));
  }

  runEnded(workload: LiveWorkload): void {
    this.#ask('onRunEnded', (invariant) => invariant.onRunEnded?.(workload));
  }

  call(call: PortCall): void {
    this.#ask('onCall', (invariant) => invariant.onCall?.(call));
  }

  answer(call: PortCall, answer: PortAnswer): void {
    this.#ask('onAnswer', (invariant) => invariant.onAnswer?.(call, answer));
  }

  toldOfLoss(dispatcher: number): void {
    this.#ask('onToldOfLoss', (invariant) => invariant.onToldOfLoss?.(dispatcher));
  }

  foreignTouch(verb: string, id: InstanceId): void {
    this.#ask('onForeignTouch', (invariant) => invariant.onForeignTouch?.(verb, id));
  }

  arrival(arrival: Arrival): void {
    this.#ask('onArrival', (invariant) => invariant.onArrival?.(arrival));
  }

  kill(kill: DeadlyKill): void {
    this.#ask('onKill', (invariant) => invariant.onKill?.(kill));
  }

  result(produced: ProducedResult): void {
    this.#ask('onResult', (invariant) => invariant.onResult?.(produced));
  }

  end(): void {
    this.#ask('atEnd', (invariant) => invariant.atEnd?.());
  }

  /** Something is wrong that no invariant describes. */
  fail(rule: string, detail: string): void {
    this.#violation ??= { number: 0, rule, detail, atMs: this.#nowMs() };
  }

  #ask(moment: Moment, question: (invariant: Invariant) => string | undefined): void {
    if (this.#violation !== undefined) return;
    for (const invariant of this.#whoWantToKnow(moment)) {
      const detail = question(invariant);
      if (detail === undefined) continue;
      const { number, rule } = invariant;
      this.#violation = { number, rule, detail, atMs: this.#nowMs() };
      return;
    }
  }

  #whoWantToKnow(moment: Moment): readonly Invariant[] {
    const known = this.#byMoment.get(moment);
    if (known !== undefined) return known;
    const asked = this.#invariants.filter((invariant) => invariant[moment] !== undefined);
    this.#byMoment.set(moment, asked);
    return asked;
  }
}
