import type { ContainerState, ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

const next: Readonly<Record<ContainerState, readonly ContainerState[]>> = {
  Queued: ['Locked', 'Cancelled'],
  Locked: ['Running', 'Queued', 'Complete', 'Cancelled'],
  Running: ['Queued', 'Complete', 'Cancelled'],
  Complete: [],
  Cancelled: [],
};

/** 3: containers move only along the arrows of the state machine. */
export function legalTransitions(): Invariant {
  const states = new Map<ContainerUuid, ContainerState>();
  return {
    number: 3,
    rule: 'legal transitions only',
    onQueueEvent: ({ uuid, kind, state }) => {
      const before = states.get(uuid);
      states.set(uuid, state);
      if (kind === 'submitted') return before === undefined ? undefined : `${uuid} was submitted twice`;
      if (before === undefined) return `${uuid} became ${state} without being submitted`;
      if (before === state) return kind === 'priority' ? undefined : `${uuid} stayed ${state} at ${kind}`;
      return next[before].includes(state) ? undefined : `${uuid} went from ${before} to ${state}`;
    },
  };
}
