import type { Dispatcher } from '@drover/compose';
import type { FleetGauges } from '@drover/observe';
import type { QueueItem, SchedulerOptions } from '@drover/scheduler';
import type { ContainerState, QueueEntry } from '@drover/spec';
import { eligibleTypes } from './eligible-types.ts';

type QueueRow = FleetGauges['queue'][number];

/** Reads what metrics show from the parts of a dispatcher, at the moment of the scrape. */
export function fleetGaugesReader(dispatcher: Dispatcher, options: SchedulerOptions): () => FleetGauges {
  const { pool, scheduler } = dispatcher;
  // Entries are immutable and keep their identity: a type is chosen once for each.
  const typeOf = new WeakMap<QueueEntry, string>();
  const chosenType = (entry: QueueEntry): string => {
    const known = typeOf.get(entry);
    if (known !== undefined) return known;
    const chosen = eligibleTypes(entry, options)[0]?.name ?? '';
    typeOf.set(entry, chosen);
    return chosen;
  };
  return () => {
    const gauges = scheduler.gauges();
    const ages = pool.probeAges();
    return {
      instances: pool.instances(),
      probeAgeMaxSeconds: ages.maxMs / 1000,
      probeAgeMedianSeconds: ages.medianMs / 1000,
      queue: countByStateAndType(scheduler.queueItems(), chosenType),
      allocatedNotStarted: gauges.allocatedNotStarted,
      overQuota: gauges.overQuota,
      longestWaitSeconds: gauges.longestWaitSeconds,
      lastOverloadSeconds: gauges.lastOverloadSeconds,
      maxConcurrentContainers: gauges.maxConcurrentContainers,
      atQuota: pool.snapshot().admission.atQuota,
    };
  };
}

function countByStateAndType(
  items: readonly QueueItem[],
  chosenType: (entry: QueueEntry) => string,
): readonly QueueRow[] {
  const counts = new Map<ContainerState, Map<string, number>>();
  for (const { entry } of items) {
    const ofState = counts.get(entry.state) ?? new Map<string, number>();
    counts.set(entry.state, ofState);
    const instanceType = chosenType(entry);
    ofState.set(instanceType, (ofState.get(instanceType) ?? 0) + 1);
  }
  return [...counts].flatMap(([state, ofState]) =>
    [...ofState].map(([instanceType, count]) => ({ state, instanceType, count })),
  );
}
