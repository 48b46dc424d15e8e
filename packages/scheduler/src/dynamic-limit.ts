import type { PlanLimits } from './plan-types.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

/** What the dynamic limit is judged by in one pass. */
export interface LimitInput {
  /** Containers that run or may run, or VMs in use: what the limit counts. */
  readonly running: number;
  /** VMs that exist, those shutting down included, creates in flight not. */
  readonly instances: number;
  readonly atQuota: boolean;
  readonly nowMs: number;
  readonly overloadedAtMs?: number | undefined;
}

/** Before the first pass. */
export function initialLimits(options: Pick<SchedulerOptions, 'initialQuotaEstimate' | 'maxInstances'>): PlanLimits {
  return {
    dynamicLimit: options.initialQuotaEstimate > 0 ? options.initialQuotaEstimate : options.maxInstances,
    instancesWithinQuota: 0,
    lastOverloadMs: undefined,
  };
}

/**
 * The limits for this pass. An overloaded queue brings the limit just below what runs; quiet lets it grow by a tenth of what
 * runs. At quota it is no more than the VMs that exist, and afterwards at most one above what was seen to be possible, so
 * that each end of a quota period costs one try and not many.
 */
export function nextLimits(
  limits: PlanLimits,
  input: LimitInput,
  options: { readonly overloadQuietMs: number },
): PlanLimits {
  const { instances } = input;
  const overload = afterOverload(limits, input, options.overloadQuietMs);
  let { dynamicLimit } = overload;
  let within = limits.instancesWithinQuota;
  if (within > 0) within = Math.max(within, instances);
  if (input.atQuota) {
    if (dynamicLimit === 0 || dynamicLimit > instances) dynamicLimit = Math.max(1, instances);
    within = instances;
  } else if (within > 0) {
    dynamicLimit = Math.min(dynamicLimit, within + 1);
  }
  const unchanged =
    dynamicLimit === limits.dynamicLimit &&
    within === limits.instancesWithinQuota &&
    overload.lastOverloadMs === limits.lastOverloadMs;
  return unchanged ? limits : { dynamicLimit, instancesWithinQuota: within, lastOverloadMs: overload.lastOverloadMs };
}

function afterOverload(
  limits: PlanLimits,
  input: LimitInput,
  quietMs: number,
): Pick<PlanLimits, 'dynamicLimit' | 'lastOverloadMs'> {
  const { running, nowMs, overloadedAtMs } = input;
  const { dynamicLimit, lastOverloadMs } = limits;
  if (overloadedAtMs !== undefined && (lastOverloadMs === undefined || overloadedAtMs > lastOverloadMs)) {
    return { dynamicLimit: Math.max(1, running - 1), lastOverloadMs: overloadedAtMs };
  }
  const quiet = lastOverloadMs === undefined || nowMs - lastOverloadMs > quietMs;
  if (dynamicLimit === 0 || !quiet) return limits;
  return { dynamicLimit: Math.max(dynamicLimit, Math.floor((running * 11) / 10) + 1), lastOverloadMs };
}

/** How many supervisors may run; 0: no limit. */
export function maxSupervisorsOf(dynamicLimit: number, supervisorFraction: number): number {
  if (dynamicLimit === 0 || supervisorFraction <= 0) return 0;
  return Math.max(1, Math.floor(dynamicLimit * supervisorFraction));
}
