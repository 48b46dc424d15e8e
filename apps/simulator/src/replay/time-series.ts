/** Buckets kept; when they are full, pairs become one and every bucket is twice as wide. */
const maxBuckets = 512;
const firstWidthMs = 60_000;

/** The means of a few quantities over equal spans of time. */
export interface Series<Name extends string> {
  readonly bucketMs: number;
  readonly values: Readonly<Record<Name, readonly number[]>>;
}

/** Follows quantities that change by steps, over a time of unknown length, in bounded memory. */
export class TimeSeries<Name extends string> {
  readonly #now: () => number;
  readonly #present: Record<Name, number>;
  readonly #sums: Record<Name, number[]>;
  readonly #names: readonly Name[];
  #widthMs = firstWidthMs;
  #atMs: number;

  /** `start` gives the names and first values. */
  constructor(start: Readonly<Record<Name, number>>, now: () => number) {
    this.#now = now;
    this.#names = keysOf(start);
    this.#present = { ...start };
    this.#sums = mapOf(this.#names, () => []);
    this.#atMs = now();
  }

  /** The quantity changes by so much, now. */
  add(name: Name, change: number): void {
    this.#advance();
    this.#present[name] += change;
  }

  get(name: Name): number {
    return this.#present[name];
  }

  /** Everything up to now; the last bucket counts as if it were over. */
  finish(): Series<Name> {
    this.#advance();
    const widthMs = this.#widthMs;
    const values = mapOf(this.#names, (name) => this.#sums[name].map((sum) => sum / widthMs));
    return { bucketMs: widthMs, values };
  }

  #advance(): void {
    const nowMs = this.#now();
    while (this.#atMs < nowMs) {
      const bucket = Math.floor(this.#atMs / this.#widthMs);
      if (bucket >= maxBuckets) {
        this.#widen();
        continue;
      }
      const untilMs = Math.min(nowMs, (bucket + 1) * this.#widthMs);
      for (const name of this.#names) {
        const sums = this.#sums[name];
        while (sums.length <= bucket) sums.push(0);
        sums[bucket] = (sums[bucket] ?? 0) + this.#present[name] * (untilMs - this.#atMs);
      }
      this.#atMs = untilMs;
    }
  }

  #widen(): void {
    this.#widthMs *= 2;
    for (const name of this.#names) {
      const sums = this.#sums[name];
      this.#sums[name] = Array.from(
        { length: Math.ceil(sums.length / 2) },
        (_, index) => (sums[2 * index] ?? 0) + (sums[2 * index + 1] ?? 0),
      );
    }
  }
}

function keysOf<Name extends string>(record: Readonly<Record<Name, unknown>>): readonly Name[] {
  const names: Name[] = [];
  for (const name in record) names.push(name);
  return names;
}

function mapOf<Name extends string, T>(names: readonly Name[], make: (name: Name) => T): Record<Name, T>;
function mapOf<T>(names: readonly string[], make: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}
