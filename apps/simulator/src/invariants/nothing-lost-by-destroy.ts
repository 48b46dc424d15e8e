import type { InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** What a VM would take with it. */
export interface Cargo {
  readonly live: number;
  /** Results that no queue has. */
  readonly uncollected: number;
}

/** 11: whoever destroys a VM loses nothing by it. `mayBeLost`: dead to the dispatcher, preempted, unkillable or forced. */
export function nothingLostByDestroy(
  cargo: (id: InstanceId) => Cargo,
  mayBeLost: (id: InstanceId) => boolean,
): Invariant {
  return {
    number: 11,
    rule: 'no VM with a live run or an uncollected result is destroyed, except dead, preempted, unkillable or forced',
    onDestroy: ({ id }) => {
      const { live, uncollected } = cargo(id);
      if ((live === 0 && uncollected === 0) || mayBeLost(id)) return undefined;
      return `${id} is being destroyed with ${live} live runs and ${uncollected} uncollected results`;
    },
  };
}
