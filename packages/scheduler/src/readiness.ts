import type { PoolSnapshot } from '@drover/spec';

/** Since when the pool can be judged by; monotonic. */
export interface Readiness {
  /** A complete listing and recovery are done; undefined: not yet. */
  readonly readySinceMs: number | undefined;
  /** And what runs is known of every worker. */
  readonly allKnownSinceMs: number | undefined;
}

export const notReady: Readiness = { readySinceMs: undefined, allKnownSinceMs: undefined };

/** The readiness after one more look at the pool. Once ready stays ready; a VM of unknown contents may turn up any time. */
export function nextReadiness(before: Readiness, pool: PoolSnapshot, nowMs: number): Readiness {
  const known = pool.ready && pool.unknownWorkers === 0;
  return {
    readySinceMs: before.readySinceMs ?? (pool.ready ? nowMs : undefined),
    allKnownSinceMs: known ? (before.allKnownSinceMs ?? nowMs) : undefined,
  };
}
