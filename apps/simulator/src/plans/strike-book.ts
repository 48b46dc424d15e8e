/** Of a fault named here, only these occasions strike, counted from 1. */
export type AllowedStrikes = Readonly<Record<string, readonly number[]>>;

/**
 * Has the last word on every fault that is about to strike, and keeps the book: a run can be played again with only those strikes
 * that matter. An occasion that is left out counts all the same.
 */
export class StrikeBook {
  readonly #allowed: ReadonlyMap<string, ReadonlySet<number>>;
  readonly #onStrike: (fault: string) => void;
  readonly #occasions = new Map<string, number>();
  readonly #struck = new Map<string, number[]>();

  /** Without `allowed`, or for a fault that is not named there, every occasion strikes. */
  constructor(allowed: AllowedStrikes = {}, onStrike: (fault: string) => void = () => undefined) {
    this.#allowed = new Map(Object.entries(allowed).map(([fault, ordinals]) => [fault, new Set(ordinals)]));
    this.#onStrike = onStrike;
  }

  /** The next occasion of this fault: whether it strikes. */
  allows(fault: string): boolean {
    const ordinal = this.occasions(fault) + 1;
    this.#occasions.set(fault, ordinal);
    if (this.#allowed.get(fault)?.has(ordinal) === false) return false;
    const struck = this.#struck.get(fault);
    if (struck === undefined) this.#struck.set(fault, [ordinal]);
    else struck.push(ordinal);
    this.#onStrike(fault);
    return true;
  }

  /** The latest strike of this fault found nothing to strike at: it does not count as one. */
  missed(fault: string): void {
    this.#struck.get(fault)?.pop();
  }

  /** How many occasions of this fault there have been. */
  occasions(fault: string): number {
    return this.#occasions.get(fault) ?? 0;
  }

  /** The occasions of each fault that were used. */
  get struck(): ReadonlyMap<string, readonly number[]> {
    return this.#struck;
  }

  /** How often each fault struck. */
  get counts(): ReadonlyMap<string, number> {
    const some = [...this.#struck].filter(([, ordinals]) => ordinals.length > 0);
    return new Map(some.map(([fault, ordinals]) => [fault, ordinals.length]));
  }
}
