/** Rows of a list of containers: 100 unless asked, at most 1,000. */
export function listLimit(asked: number | undefined): number {
  return clamp(asked ?? 100, 1000);
}

/** Rows of history: 500 unless asked, at most 10,000. */
export function eventLimit(asked: number | undefined): number {
  return clamp(asked ?? 500, 10_000);
}

/** The event sequence that a cursor stands for; undefined when it is none of ours, and everything is to be told. */
export function cursorSequence(cursor: string | undefined): number | undefined {
  return cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}

function clamp(asked: number, most: number): number {
  return Math.max(0, Math.min(most, Math.floor(asked)));
}
