import { formatDuration } from '@drover/management-api/units';
import { isFailure, runAsJson, type SimulatedRun } from './simulate-text.ts';

/** Adds runs up. Of those that went well only the last is kept. */
export class SimulationTally {
  readonly #failures: SimulatedRun[] = [];
  readonly #strikes = new Map<string, number>();
  #last: SimulatedRun | undefined;
  #runs = 0;
  #events = 0;
  #simulatedMs = 0;
  #dispatchers = 0;

  add(run: SimulatedRun): void {
    const { steps, simulatedMs, incarnations, strikes } = run.result;
    this.#last = run;
    this.#runs += 1;
    this.#events += steps;
    this.#simulatedMs += simulatedMs;
    this.#dispatchers += incarnations;
    for (const [name, count] of strikes) this.#strikes.set(name, (this.#strikes.get(name) ?? 0) + count);
    if (isFailure(run)) this.#failures.push(run);
  }

  get runs(): number {
    return this.#runs;
  }

  get last(): SimulatedRun | undefined {
    return this.#last;
  }

  get failures(): readonly SimulatedRun[] {
    return this.#failures;
  }

  get firstFailure(): SimulatedRun | undefined {
    return this.#failures[0];
  }

  /** The sum, for people. */
  asText(): string {
    const strikes = this.#sortedStrikes().map(([name, count]) => `${name} ${count}`);
    return [
      `${this.#runs} runs, ${this.#events} events, ${formatDuration(this.#simulatedMs)} of simulated time, ${this.#dispatchers} dispatchers`,
      `faults struck: ${strikes.length === 0 ? 'none' : strikes.join(', ')}`,
      this.#failures.length === 0 ? 'nothing broken' : `${this.#failures.length} broken: ${this.#brokenSeeds()}`,
    ].join('\n');
  }

  asJson(): Readonly<Record<string, unknown>> {
    const only = this.#runs === 1 && this.#last !== undefined ? [this.#last] : this.#failures;
    return {
      runs: this.#runs,
      events: this.#events,
      simulatedMs: this.#simulatedMs,
      dispatchers: this.#dispatchers,
      strikes: Object.fromEntries(this.#sortedStrikes()),
      broken: this.#failures.length,
      /** The only run, or those that failed. */
      items: only.map(runAsJson),
    };
  }

  #sortedStrikes(): readonly (readonly [string, number])[] {
    return [...this.#strikes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  #brokenSeeds(): string {
    return this.#failures.map(({ result }) => result.scenario.seed).join(', ');
  }
}
