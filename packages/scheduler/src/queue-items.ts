import type { ContainerState, QueueEntry, WhyCode } from '@drover/spec';
import type { PlanLimits, PlanReasons, PlanResult } from './plan-types.ts';
import type { QueueMirror } from './queue-mirror.ts';

/** One unfinished container for lists. */
export interface QueueItem {
  readonly entry: QueueEntry;
  /** Undefined before the first pass that saw it. */
  readonly code: WhyCode | undefined;
  /** Wall clock; when this process first saw it. */
  readonly firstSeenAtMs: number;
}

export function queueItems(mirror: QueueMirror, reasons: PlanReasons | undefined): readonly QueueItem[] {
  return [...mirror.table.entries.values()].map((entry) => ({
    entry,
    code: reasons?.codeOf(entry.uuid),
    firstSeenAtMs: mirror.firstSeenAtMs(entry.uuid) ?? entry.submittedAtMs,
  }));
}

/** What metrics show of the queue. */
export interface SchedulerGauges {
  readonly counts: Readonly<Record<ContainerState, number>>;
  /** Locked, with a place on an instance, and not started yet. */
  readonly allocatedNotStarted: number;
  readonly overQuota: number;
  /** Of all that have not started; 0 when none waits. */
  readonly longestWaitSeconds: number;
  /** Unix seconds; 0: never. */
  readonly lastOverloadSeconds: number;
  /** The dynamic limit; 0: none. */
  readonly maxConcurrentContainers: number;
  readonly reasons: ReadonlyMap<WhyCode, number>;
}

export function schedulerGauges(
  mirror: QueueMirror,
  result: PlanResult | undefined,
  limits: PlanLimits,
  time: { readonly nowMs: number; readonly wallOffsetMs: number },
): SchedulerGauges {
  const counts = { Queued: 0, Locked: 0, Running: 0, Complete: 0, Cancelled: 0 };
  let oldestMs = time.nowMs;
  for (const entry of mirror.table.entries.values()) {
    counts[entry.state] += 1;
    if ((entry.state === 'Queued' && entry.priority > 0) || entry.state === 'Locked')
      oldestMs = Math.min(oldestMs, entry.submittedAtMs);
  }
  const reasons = result?.reasons.counts() ?? new Map<WhyCode, number>();
  const overloadMs = limits.lastOverloadMs;
  return {
    counts,
    allocatedNotStarted: (reasons.get('starting') ?? 0) + (reasons.get('waiting-for-boot') ?? 0),
    overQuota: result?.overQuota ?? 0,
    longestWaitSeconds: (time.nowMs - oldestMs) / 1000,
    lastOverloadSeconds: overloadMs === undefined ? 0 : (overloadMs + time.wallOffsetMs) / 1000,
    maxConcurrentContainers: limits.dynamicLimit,
    reasons,
  };
}
