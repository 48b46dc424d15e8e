import type { Invariant } from './invariant.ts';

/**
 * 7: what exists (in the cloud, not in anybody's mind) and what is asked for never exceed the configured maximum. `existing` leaves out
 * only what the cloud has kept from everybody for longer than it may.
 */
export function withinMaxInstances(existing: () => number, maxInstances: number): Invariant {
  return {
    number: 7,
    rule: 'instances + creates in flight ≤ maxInstances at each create',
    onCreate: (toCome) =>
      existing() + toCome <= maxInstances
        ? undefined
        : `a create with ${existing()} VMs there and ${toCome} to come; at most ${maxInstances} are allowed`,
  };
}
