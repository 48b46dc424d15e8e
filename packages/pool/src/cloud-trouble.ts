/** Creating is refused for a reason that waiting alone will hardly mend. Times are monotonic. */
export interface Trouble {
  readonly error: Error;
  readonly untilMs: number;
  readonly retryMs: number;
}

/** By what it concerns: an instance type's name, or `''` for everything (credentials). */
export type CloudTroubles = ReadonlyMap<string, Trouble>;

/** Once more: the wait doubles, up to ten times the first. */
export function troubleMet(
  troubles: CloudTroubles,
  concern: string,
  error: Error,
  nowMs: number,
  firstRetryMs: number,
): CloudTroubles {
  const before = troubles.get(concern);
  const retryMs = before === undefined ? firstRetryMs : Math.min(before.retryMs * 2, firstRetryMs * 10);
  return new Map(troubles).set(concern, { error, untilMs: nowMs + retryMs, retryMs });
}

/** A create of this type has worked: so do the credentials. */
export function troubleOver(troubles: CloudTroubles, instanceType: string): CloudTroubles {
  if (!troubles.has('') && !troubles.has(instanceType)) return troubles;
  const next = new Map(troubles);
  next.delete('');
  next.delete(instanceType);
  return next;
}

/** What keeps this type from being created now; without a type, what keeps everything. */
export function troubleNow(troubles: CloudTroubles, instanceType: string, nowMs: number): Trouble | undefined {
  for (const concern of ['', instanceType]) {
    const trouble = troubles.get(concern);
    if (trouble !== undefined && nowMs < trouble.untilMs) return trouble;
  }
  return undefined;
}
