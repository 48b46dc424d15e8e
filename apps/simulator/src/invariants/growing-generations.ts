import type { ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 4: each lock takes the next generation, and no write of an older one lands. */
export function growingGenerations(): Invariant {
  const generations = new Map<ContainerUuid, number>();
  return {
    number: 4,
    rule: 'generations only grow, no write of an older one lands',
    onQueueEvent: ({ uuid, kind, generation }) => {
      const before = generations.get(uuid) ?? 0;
      generations.set(uuid, generation);
      const expected = kind === 'locked' ? before + 1 : before;
      return generation === expected
        ? undefined
        : `${uuid}: ${kind} of generation ${generation} landed after ${before}`;
    },
  };
}
