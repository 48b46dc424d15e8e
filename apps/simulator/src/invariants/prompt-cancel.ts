import type { ContainerUuid } from '@drover/spec';
import type { Invariant, LiveWorkload } from './invariant.ts';

/** 23: who sets priority 0 sees the workload end soon, while its VM can be reached. */
export function promptCancel(ports: {
  readonly nowMs: () => number;
  readonly live: () => Iterable<LiveWorkload>;
  /** Since when everything was in place to end it: priority 0 asked for, a dispatcher ready, its VM within reach. */
  readonly killableSinceMs: (workload: LiveWorkload) => number | undefined;
  readonly withinMs: number;
}): Invariant {
  const describe = ({ uuid, generation }: { readonly uuid: ContainerUuid; readonly generation: number }): string =>
    `${uuid}/${generation}`;
  return {
    number: 23,
    rule: 'priority 0 ends the workload within T while reachable',
    review: () => {
      for (const workload of ports.live()) {
        const sinceMs = ports.killableSinceMs(workload);
        const forMs = sinceMs === undefined ? 0 : ports.nowMs() - sinceMs;
        if (forMs > ports.withinMs)
          return `${describe(workload)} still runs ${forMs} ms after it could have been ended`;
      }
      return undefined;
    },
  };
}
