import type { ContainerRecord, ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 21: a VM deletes a result only when the queue has it, or has moved past that generation for good. */
export function ackAfterCommit(record: (uuid: ContainerUuid) => ContainerRecord | undefined): Invariant {
  return {
    number: 21,
    rule: 'ack only after commit',
    onRunner: ({ kind, uuid, generation, instanceId }) => {
      if (kind !== 'ack') return undefined;
      const stored = record(uuid);
      if (stored === undefined || stored.generation > generation) return undefined;
      const held = stored.state === 'Locked' || stored.state === 'Running';
      if (stored.generation === generation && !held) return undefined;
      return `${instanceId} was acked ${uuid}/${generation} while the queue has it ${stored.state}/${stored.generation}`;
    },
  };
}
