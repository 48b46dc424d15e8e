import type { InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 14: when all is done, no VM is left (but held ones). */
export function noLeftovers(instances: () => readonly InstanceId[]): Invariant {
  return {
    number: 14,
    rule: 'when nothing is left to do, no VM is left within T',
    atEnd: () => {
      const vms = instances();
      return vms.length === 0 ? undefined : `left over: VMs ${vms.join(', ')}`;
    },
  };
}
