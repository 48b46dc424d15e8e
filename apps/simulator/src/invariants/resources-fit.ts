import type { ContainerUuid, InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** What a container takes, or a VM has. */
export interface Amounts {
  readonly vcpus: number;
  readonly ramBytes: number;
}

/** 15: what runs on a VM at once fits into it. `maxContainers` 0: as many as fit. */
export function resourcesFit(ports: {
  readonly needs: (uuid: ContainerUuid) => Amounts;
  /** Undefined: a VM that nobody knows. */
  readonly size: (id: InstanceId) => Amounts | undefined;
  readonly maxContainers: number;
}): Invariant {
  const live = new Map<InstanceId, Map<string, Amounts>>();
  return {
    number: 15,
    rule: 'resources used ≤ the VM’s',
    onRunner: ({ kind, instanceId, uuid, generation }) => {
      if (kind !== 'start') return undefined;
      const runs = live.get(instanceId) ?? new Map<string, Amounts>();
      live.set(instanceId, runs.set(`${uuid}/${generation}`, ports.needs(uuid)));
      const size = ports.size(instanceId);
      const used = sum(runs.values());
      if (size === undefined) return undefined;
      if (used.vcpus > size.vcpus || used.ramBytes > size.ramBytes)
        return `${runs.size} runs take ${used.vcpus} cpus and ${used.ramBytes} bytes on ${instanceId}, which has ${size.vcpus} and ${size.ramBytes}`;
      return ports.maxContainers > 0 && runs.size > ports.maxContainers
        ? `${runs.size} runs on ${instanceId}, at most ${ports.maxContainers} are allowed`
        : undefined;
    },
    onRunEnded: ({ instanceId, uuid, generation }) => {
      const runs = live.get(instanceId);
      runs?.delete(`${uuid}/${generation}`);
      if (runs?.size === 0) live.delete(instanceId);
      return undefined;
    },
  };
}

function sum(all: Iterable<Amounts>): Amounts {
  let vcpus = 0;
  let ramBytes = 0;
  for (const one of all) {
    vcpus += one.vcpus;
    ramBytes += one.ramBytes;
  }
  return { vcpus, ramBytes };
}
