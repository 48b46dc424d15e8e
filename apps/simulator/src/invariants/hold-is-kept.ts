import type { InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 10: a VM that an operator holds is not destroyed by the dispatcher. `isHeld`: held, and nobody asked for its end. */
export function holdIsKept(isHeld: (id: InstanceId) => boolean): Invariant {
  return {
    number: 10,
    rule: 'hold VMs are never destroyed by us',
    onDestroy: ({ id }) => (isHeld(id) ? `${id} is held and is being destroyed` : undefined),
  };
}
