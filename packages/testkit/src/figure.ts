/** One measured figure. `ok` compares it with its target in the direction that the target's text says. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** E.g. `≤ 20` or `≥ 250`. */
  readonly target: string;
  readonly ok: boolean;
}

/** A figure that should be at most the bound. */
export function atMost(bound: number, name: string, value: number, unit: string): Figure {
  return { name, value: Number(value.toPrecision(4)), unit, target: `≤ ${bound}`, ok: value <= bound };
}

/** A figure that should be at least the bound. */
export function atLeast(bound: number, name: string, value: number, unit: string): Figure {
  return { name, value: Number(value.toPrecision(4)), unit, target: `≥ ${bound}`, ok: value >= bound };
}

/** The value below which the share `q` of the sorted values lies (nearest rank). */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}
