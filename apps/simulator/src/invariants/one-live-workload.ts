import type { ContainerUuid } from '@drover/spec';
import type { Invariant, LiveWorkload } from './invariant.ts';

/** 1: fencing works: no container has two workloads alive at the same time. */
export function oneLiveWorkload(live: () => Iterable<LiveWorkload>): Invariant {
  return {
    number: 1,
    rule: 'at most one live workload per container across all VMs',
    check: () => {
      const seen = new Map<ContainerUuid, LiveWorkload>();
      for (const workload of live()) {
        const other = seen.get(workload.uuid);
        if (other !== undefined) return `${describe(other)} and ${describe(workload)} live at once`;
        seen.set(workload.uuid, workload);
      }
      return undefined;
    },
  };
}

function describe({ uuid, generation, instanceId }: LiveWorkload): string {
  return `${uuid}/${generation} on ${instanceId}`;
}
