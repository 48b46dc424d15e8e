import type { ContainerUuid, InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 14 and 19: when all is done, no VM is left (but held ones) and nothing stays locked. */
export function noLeftovers(instances: () => readonly InstanceId[], locked: () => readonly ContainerUuid[]): Invariant {
  return {
    number: 14,
    rule: 'when nothing is left to do, no VM and no lock is left within T',
    atEnd: () => {
      const vms = instances();
      const locks = locked();
      if (vms.length === 0 && locks.length === 0) return undefined;
      return `left over: VMs [${vms.join(', ')}], locks [${locks.join(', ')}]`;
    },
  };
}
