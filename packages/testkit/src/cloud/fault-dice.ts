import type { SeededRandom } from '../seeded-random.ts';
import type { StrikeGate } from '../strike-gate.ts';
import type { DelayRange } from './fake-cloud-options.ts';

/** Draws faults: a random stream per fault, so that switching one off does not shift the others, and a count of hits. */
export class FaultDice {
  readonly #random: SeededRandom;
  readonly #gate: StrikeGate | undefined;
  readonly #streams = new Map<string, SeededRandom>();
  /** How often each fault struck; a simulation that never exercised one of its faults proved nothing about it. */
  readonly hits = new Map<string, number>();

  /** `gate`: has the last word on every fault that was drawn. */
  constructor(random: SeededRandom, gate?: StrikeGate) {
    this.#random = random;
    this.#gate = gate;
  }

  /** True with probability `rate`; counts as a hit of `fault` then. */
  strikes(fault: string, rate: number | undefined): boolean {
    if (rate === undefined || rate <= 0) return false;
    const struck = this.#stream(fault).chance(rate) && (this.#gate?.(fault) ?? true);
    if (struck) this.hit(fault);
    return struck;
  }

  /** Counts a fault that struck without a draw. */
  hit(fault: string): void {
    this.hits.set(fault, (this.hits.get(fault) ?? 0) + 1);
  }

  /** A time within the range. */
  delayMs(name: string, range: DelayRange): number {
    if (range.maxMs <= range.minMs) return range.minMs;
    return range.minMs + this.#stream(name).next() * (range.maxMs - range.minMs);
  }

  /** A time of exponential distribution. */
  exponentialMs(name: string, meanMs: number): number {
    return -Math.log(1 - this.#stream(name).next()) * meanMs;
  }

  #stream(name: string): SeededRandom {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = this.#random.fork(name);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}
