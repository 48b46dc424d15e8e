import type { ContainerRecord, ContainerUuid, RunResult } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 5: what the queue says of an end is what a runner on a VM wrote down. */
export function completeHasResult(record: (uuid: ContainerUuid) => ContainerRecord): Invariant {
  const produced = new Map<string, RunResult[]>();
  return {
    number: 5,
    rule: 'no Complete without a matching runner result',
    onResult: ({ uuid, generation, result }) => {
      const key = `${uuid}/${generation}`;
      produced.set(key, [...(produced.get(key) ?? []), result]);
      return undefined;
    },
    onQueueEvent: ({ uuid, generation, state }) => {
      if (state !== 'Complete') return undefined;
      const stored = JSON.stringify(record(uuid).result);
      const results = produced.get(`${uuid}/${generation}`) ?? [];
      if (results.some((result) => JSON.stringify(result) === stored)) return undefined;
      return `${uuid}/${generation} is Complete with ${stored}, but runners wrote ${JSON.stringify(results)}`;
    },
  };
}
