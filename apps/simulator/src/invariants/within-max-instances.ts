import type { Invariant } from './invariant.ts';

/** 7: what exists (in the cloud, not in anybody's mind) and what is asked for never exceed the configured maximum. */
export function withinMaxInstances(existing: () => number, maxInstances: number): Invariant {
  return {
    number: 7,
    rule: 'instances + creates in flight ≤ maxInstances at each create',
    onCreate: (count, inFlight) => {
      const total = existing() + inFlight + count;
      return total <= maxInstances
        ? undefined
        : `create of ${count} with ${existing()} VMs and ${inFlight} in flight, at most ${maxInstances} are allowed`;
    },
  };
}
