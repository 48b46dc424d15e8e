import type { CapacityScope, InstanceType, Offering } from '@drover/spec';

/** What cannot be had until when (monotonic), by key. */
export type CapacityGate = ReadonlyMap<string, number>;

/** Everything is available as far as is known. */
export const openCapacityGate: CapacityGate = new Map();

/** What a capacity answer is about. */
export interface CapacitySubject {
  readonly type: InstanceType;
  readonly offering: Offering;
  /** From the driver; absent: providerType and preemptible make a group. */
  readonly quotaGroup: string | undefined;
}

/** The cloud cannot supply it: closed for `retryMs`, as wide as the scope says. Periods that are over are dropped. */
export function capacityReached(
  gate: CapacityGate,
  scope: CapacityScope,
  subject: CapacitySubject,
  nowMs: number,
  retryMs: number,
): CapacityGate {
  const next = new Map([...gate].filter(([, untilMs]) => untilMs > nowMs));
  next.set(capacityKey(scope, subject), nowMs + retryMs);
  return next;
}

/** Until when the offering is unavailable (monotonic), or undefined when it may be tried. */
export function unavailableUntilMs(gate: CapacityGate, subject: CapacitySubject, nowMs: number): number | undefined {
  if (gate.size === 0) return undefined;
  let latestMs: number | undefined;
  for (const scope of scopes) {
    const untilMs = gate.get(capacityKey(scope, subject));
    if (untilMs !== undefined && untilMs > nowMs) latestMs = Math.max(latestMs ?? untilMs, untilMs);
  }
  return latestMs;
}

const scopes = ['all', 'quota-group', 'instance-type', 'offering'] as const satisfies readonly CapacityScope[];

function capacityKey(scope: CapacityScope, { type, offering, quotaGroup }: CapacitySubject): string {
  if (scope === 'all') return 'all';
  if (scope === 'offering') return `offering ${offering.id}`;
  if (scope === 'quota-group' && quotaGroup !== undefined) return `group ${quotaGroup}`;
  return `type ${type.providerType} ${type.preemptible ? 'spot' : 'on-demand'}`;
}
