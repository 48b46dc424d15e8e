/** One measured figure. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** E.g. `≤ 60` or `≥ 1000`. */
  readonly target: string;
  /** Is the target met? */
  readonly ok: boolean;
}

/** A figure that should be at most the bound. */
export function atMost(bound: number, name: string, value: number, unit: string): BenchResult {
  return { name, value: Number(value.toPrecision(3)), unit, target: `≤ ${bound}`, ok: value <= bound };
}

/** A figure that should be at least the bound. */
export function atLeast(bound: number, name: string, value: number, unit: string): BenchResult {
  return { name, value: Math.round(value), unit, target: `≥ ${bound}`, ok: value >= bound };
}
