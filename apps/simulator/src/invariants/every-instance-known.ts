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
  readonly isKnown: (id: InstanceId) => boolean;
  readonly withinMs: number;
}): Invariant {
  return {
    number: 13,
    rule: 'every VM of the set is known within T',
    review: () => {
      for (const { id, visibleSinceMs } of ports.existing()) {
        const forMs = ports.nowMs() - visibleSinceMs;
        if (forMs > ports.withinMs && !ports.isKnown(id)) return `${id} has existed unknown for ${forMs} ms`;
      }
      return undefined;
    },
  };
}
