/** Rows of a list of containers: 100 unless asked, at most 1,000. */
export function listLimit(asked: number | undefined): number {
  return clamp(asked ?? 100, 1000);
}

/** Rows of history: 500 unless asked, at most 10,000. */
export function eventLimit(asked: number | undefined): number {
  return clamp(asked ?? 500, 10_000);
}

function clamp(asked: number, most: number): number {
  return Math.max(0, Math.min(most, Math.floor(asked)));
}
