import type { ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 2: a container ends once, and nothing happens to it after that. */
export function oneFinalTransition(): Invariant {
  const ended = new Map<ContainerUuid, string>();
  return {
    number: 2,
    rule: 'exactly one final transition per container',
    onQueueEvent: ({ uuid, state, kind }) => {
      const before = ended.get(uuid);
      if (before !== undefined) return `${uuid} was ${before} and then came ${kind} → ${state}`;
      if (state === 'Complete' || state === 'Cancelled') ended.set(uuid, state);
      return undefined;
    },
  };
}
