import type { InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 9 and 16: only a VM that has proven who it is, and that is to have work, is given any. `objection`: why it is not. */
export function startsWhereAllowed(objection: (id: InstanceId) => string | undefined): Invariant {
  return {
    number: 9,
    rule: 'no start on hold, drain, shutdown or unverified VMs',
    onRunner: ({ kind, instanceId, uuid, generation }) => {
      const why = kind === 'start' ? objection(instanceId) : undefined;
      return why === undefined ? undefined : `${uuid}/${generation} was started on ${instanceId}, which ${why}`;
    },
  };
}
