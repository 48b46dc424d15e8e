import type { ContainerState, InstanceView } from '@drover/spec';

/** What gauges are made from, read at each scrape and never kept. */
export interface FleetGauges {
  readonly instances: readonly InstanceView[];
  /** How old the last successful probe of ready instances is. */
  readonly probeAgeMaxSeconds: number;
  readonly probeAgeMedianSeconds: number;
  /** Unfinished containers, by state and the instance type chosen for them (empty when none is). */
  readonly queue: readonly { readonly state: ContainerState; readonly instanceType: string; readonly count: number }[];
  readonly allocatedNotStarted: number;
  readonly overQuota: number;
  /** Longest wait of any container that has not started. */
  readonly longestWaitSeconds: number;
  /** Unix seconds; 0 before the first. */
  readonly lastOverloadSeconds: number;
  /** The dynamic container limit; 0 when there is none. */
  readonly maxConcurrentContainers: number;
  readonly atQuota: boolean;
}

/** How the reference groups instances; the first that holds, in this order. */
export const instanceCategories = ['inuse', 'hold', 'booting', 'unknown', 'idle'] as const;
export type InstanceCategory = (typeof instanceCategories)[number];

/** The category of an instance; a shut-down one with nothing on it counts as idle, as in the reference. */
export function instanceCategory(view: InstanceView): InstanceCategory {
  if (view.containers.length > 0) return 'inuse';
  if (view.idleBehavior === 'hold') return 'hold';
  if (view.state === 'booting') return 'booting';
  if (view.state === 'unknown') return 'unknown';
  return 'idle';
}

/** Totals of one category. */
export interface CategoryTotals {
  instances: Map<string, number>;
  price: number;
  vcpus: number;
  ramBytes: number;
}

/** Adds up instances by category; creates in flight (without id) do not count. */
export function totalsByCategory(instances: readonly InstanceView[]): ReadonlyMap<InstanceCategory, CategoryTotals> {
  const totals = new Map<InstanceCategory, CategoryTotals>();
  for (const category of instanceCategories) {
    totals.set(category, { instances: new Map(), price: 0, vcpus: 0, ramBytes: 0 });
  }
  for (const view of instances) {
    const sum = view.instanceId === '' ? undefined : totals.get(instanceCategory(view));
    if (sum === undefined) continue;
    sum.instances.set(view.instanceType, (sum.instances.get(view.instanceType) ?? 0) + 1);
    sum.price += view.pricePerHour;
    sum.vcpus += view.vcpus;
    sum.ramBytes += view.ramBytes;
  }
  return totals;
}
