import type { AcceptedStart, Invariant } from './invariant.ts';

/** 9 and 16: only a VM that has proven who it is, and that is to have work, is given any. `objection`: why it is not. */
export function startsWhereAllowed(objection: (start: AcceptedStart) => string | undefined): Invariant {
  return {
    number: 9,
    rule: 'no start on hold, drain, shutdown or unverified VMs',
    onRunner: (acceptance) => {
      const { kind, instanceId, uuid, generation } = acceptance;
      const why = kind === 'start' ? objection(acceptance) : undefined;
      return why === undefined ? undefined : `${uuid}/${generation} was started on ${instanceId}, which ${why}`;
    },
  };
}
