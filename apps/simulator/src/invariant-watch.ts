import type { ContainerEvent, Instance } from '@drover/spec';
import type { Invariant, ProducedResult, RunnerAcceptance } from './invariants/invariant.ts';

/** What was broken, first. */
export interface Violation {
  readonly number: number;
  readonly rule: string;
  readonly detail: string;
  /** Monotonic simulated time. */
  readonly atMs: number;
}

/** Asks every invariant at its moments and keeps the first that is broken. */
export class InvariantWatch {
  readonly #invariants: readonly Invariant[];
  readonly #nowMs: () => number;
  #violation: Violation | undefined;

  constructor(invariants: readonly Invariant[], nowMs: () => number) {
    this.#invariants = invariants;
    this.#nowMs = nowMs;
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  afterStep(): void {
    this.#ask((invariant) => invariant.check?.());
  }

  everyMinute(): void {
    this.#ask((invariant) => invariant.review?.());
  }

  queueEvent(event: ContainerEvent): void {
    this.#ask((invariant) => invariant.onQueueEvent?.(event));
  }

  create(toCome: number): void {
    this.#ask((invariant) => invariant.onCreate?.(toCome));
  }

  destroy(instance: Instance): void {
    this.#ask((invariant) => invariant.onDestroy?.(instance));
  }

  runner(acceptance: RunnerAcceptance): void {
    this.#ask((invariant) => invariant.onRunner?.(acceptance));
  }

  result(produced: ProducedResult): void {
    this.#ask((invariant) => invariant.onResult?.(produced));
  }

  end(): void {
    this.#ask((invariant) => invariant.atEnd?.());
  }

  /** Something is wrong that no invariant describes. */
  fail(rule: string, detail: string): void {
    this.#violation ??= { number: 0, rule, detail, atMs: this.#nowMs() };
  }

  #ask(question: (invariant: Invariant) => string | undefined): void {
    if (this.#violation !== undefined) return;
    for (const invariant of this.#invariants) {
      const detail = question(invariant);
      if (detail === undefined) continue;
      const { number, rule } = invariant;
      this.#violation = { number, rule, detail, atMs: this.#nowMs() };
      return;
    }
  }
}
