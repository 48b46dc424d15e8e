import type { InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** What must be known of one VM of the set. */
export interface ExistingInstance {
  readonly id: InstanceId;
  /** Monotonic; since when a listing would show it to a dispatcher that leads. */
  readonly visibleSinceMs: number;
}

/** 13: no VM of the set escapes the dispatcher for longer than `withinMs`. */
export function everyInstanceKnown(ports: {
  readonly nowMs: () => number;
  readonly existing: () => Iterable<ExistingInstance>;
  /** What the dispatcher of the moment knows. */
  readonly known: () => ReadonlySet<InstanceId>;
  readonly withinMs: number;
}): Invariant {
  return {
    number: 13,
    rule: 'every VM of the set is known within T',
    review: () => {
      const overdue = [...ports.existing()].filter((vm) => ports.nowMs() - vm.visibleSinceMs > ports.withinMs);
      const known = overdue.length === 0 ? new Set() : ports.known();
      for (const { id, visibleSinceMs } of overdue) {
        const forMs = ports.nowMs() - visibleSinceMs;
        if (!known.has(id)) return `${id} has existed unknown for ${forMs} ms`;
      }
      return undefined;
    },
  };
}
