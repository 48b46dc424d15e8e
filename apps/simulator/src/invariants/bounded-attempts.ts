import type { ContainerRecord, ContainerUuid } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 6: nothing is tried for ever. `maxStarted`: the queue's cap on attempts that started. */
export function boundedAttempts(record: (uuid: ContainerUuid) => ContainerRecord, maxStarted: number): Invariant {
  return {
    number: 6,
    rule: 'attempts ≤ max',
    onQueueEvent: ({ uuid, kind }) => {
      if (kind !== 'started' && kind !== 'finished') return undefined;
      const { attempts, spec } = record(uuid);
      const started = attempts.filter((attempt) => attempt.startedAtMs !== undefined).length;
      const max = Math.max(maxStarted, spec.retry.attempts);
      return started <= max ? undefined : `${uuid} has started ${started} times, at most ${max} are allowed`;
    },
  };
}
