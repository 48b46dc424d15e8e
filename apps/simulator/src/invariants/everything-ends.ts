import type { ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 28: when faults end, every feasible container ends. */
export function everythingEnds(unfinished: () => readonly ContainerUuid[]): Invariant {
  return {
    number: 28,
    rule: 'finite faults → every feasible container is final within T',
    atEnd: () => {
      const left = unfinished();
      return left.length === 0 ? undefined : `${left.length} containers are not final: ${left.slice(0, 5).join(', ')}`;
    },
  };
}
