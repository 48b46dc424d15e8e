import type { ContainerUuid } from '@drover/spec';
import type { Invariant, LiveWorkload } from './invariant.ts';

/** 1: fencing works: no container has two workloads alive at the same time. */
export function oneLiveWorkload(): Invariant {
  const live = new Map<ContainerUuid, readonly LiveWorkload[]>();
  return {
    number: 1,
    rule: 'at most one live workload per container across all VMs',
    onRunner: ({ kind, uuid, generation, instanceId }) => {
      if (kind !== 'start') return undefined;
      const workload = { instanceId, uuid, generation };
      const all = [...(live.get(uuid) ?? []), workload];
      live.set(uuid, all);
      return all.length === 1 ? undefined : `${all.map(describe).join(' and ')} live at once`;
    },
    onRunEnded: ({ uuid, generation, instanceId }) => {
      const rest = (live.get(uuid) ?? []).filter((w) => w.instanceId !== instanceId || w.generation !== generation);
      if (rest.length === 0) live.delete(uuid);
      else live.set(uuid, rest);
      return undefined;
    },
  };
}

function describe({ uuid, generation, instanceId }: LiveWorkload): string {
  return `${uuid}/${generation} on ${instanceId}`;
}
