import type { ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 19: when all is done nothing stays locked, and in a healthy world no lock is held for long without a start. */
export function noLocksLeft(ports: {
  readonly nowMs: () => number;
  readonly isHealthy: () => boolean;
  readonly locked: () => readonly ContainerUuid[];
  readonly withinMs: number;
}): Invariant {
  const sinceMs = new Map<ContainerUuid, number>();
  return {
    number: 19,
    rule: 'no locks left when quiet',
    review: () => {
      const locked = new Set(ports.locked());
      for (const uuid of sinceMs.keys()) if (!locked.has(uuid) || !ports.isHealthy()) sinceMs.delete(uuid);
      if (!ports.isHealthy()) return undefined;
      for (const uuid of locked) {
        const since = sinceMs.get(uuid) ?? ports.nowMs();
        sinceMs.set(uuid, since);
        const forMs = ports.nowMs() - since;
        if (forMs > ports.withinMs) return `${uuid} has been locked for ${forMs} ms, and nothing is done with it`;
      }
      return undefined;
    },
    onQueueEvent: ({ uuid }) => {
      sinceMs.delete(uuid);
      return undefined;
    },
    atEnd: () => {
      const locks = ports.locked();
      return locks.length === 0 ? undefined : `left locked: ${locks.join(', ')}`;
    },
  };
}
