import type { Random } from '@drover/spec';

/**
 * Chance that repeats: mulberry32 (public domain, Tommy Ettinger) over a 32-bit state. Not for secrets.
 * `fork` gives a stream of its own per component, so that one component drawing more does not shift the others.
 */
export class SeededRandom implements Random {
  #state: number;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  hex(bytes: number): string {
    let text = '';
    for (let i = 0; i < bytes; i += 1)
      text += Math.floor(this.next() * 256)
        .toString(16)
        .padStart(2, '0');
    return text;
  }

  /** Uniform integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A stream that depends on this seed and the name alone, not on what was drawn so far (FNV-1a of the name). */
  fork(name: string): SeededRandom {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    return new SeededRandom(hash);
  }
}
