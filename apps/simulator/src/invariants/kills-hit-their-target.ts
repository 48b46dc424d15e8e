import type { ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 22: a kill reaches the processes of that attempt and no other's, and only of an attempt that is not wanted any more. */
export function killsHitTheirTarget(isWanted: (uuid: ContainerUuid, generation: number) => boolean): Invariant {
  return {
    number: 22,
    rule: 'kill never hits a foreign process',
    onKill: ({ instanceId, uuid, generation, hits }) => {
      if (hits === undefined) return `the kill of ${uuid}/${generation} hit a process of ${instanceId} itself`;
      if (hits.uuid !== uuid || hits.generation !== generation)
        return `the kill of ${uuid}/${generation} hit ${hits.uuid}/${hits.generation} on ${instanceId}`;
      return isWanted(uuid, generation) ? `${uuid}/${generation} was killed although it is wanted` : undefined;
    },
  };
}
