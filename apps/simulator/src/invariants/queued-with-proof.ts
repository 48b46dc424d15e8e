import type { ContainerRecord, ContainerUuid } from '@drover/spec';
import type { Invariant, LiveWorkload } from './invariant.ts';

/**
 * 3, the other half: a container goes back to the queue only when nothing of it is alive, and no VM takes a start of an attempt that
 * the queue does not hold. `live`: its workloads on all VMs, whatever anybody believes.
 */
export function queuedWithProof(ports: {
  readonly live: (uuid: ContainerUuid) => readonly LiveWorkload[];
  readonly record: (uuid: ContainerUuid) => ContainerRecord;
}): Invariant {
  return {
    number: 3,
    rule: 'back to the queue with proof only',
    onQueueEvent: ({ uuid, kind, state }) => {
      const [alive] = state === 'Queued' ? ports.live(uuid) : [];
      if (alive === undefined) return undefined;
      return `${uuid} was ${kind}, and attempt ${alive.generation} is alive on ${alive.instanceId}`;
    },
    onRunner: ({ kind, uuid, generation, instanceId }) => {
      if (kind !== 'start') return undefined;
      const { state, generation: held } = ports.record(uuid);
      const isHeld = (state === 'Locked' || state === 'Running') && held === generation;
      return isHeld ? undefined : `${instanceId} took a start of ${uuid}/${generation}, and it is ${state}/${held}`;
    },
  };
}
