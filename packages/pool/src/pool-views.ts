import type { InstanceView, WorkerState } from '@drover/spec';
import type { PendingVm } from './create-batch.ts';
import type { Fleet } from './fleet.ts';
import type { ProbeAges } from './pool-types.ts';
import { isReady } from './worker-probe.ts';

/** Creates in flight as operators see them: booting, without an id. */
export function pendingViews(pending: readonly PendingVm[]): readonly InstanceView[] {
  return pending.map(({ type, offering, requestedAtWallMs }) => ({
    instanceId: '',
    address: '',
    pricePerHour: offering.pricePerHour,
    instanceType: type.name,
    providerType: type.providerType,
    state: 'booting',
    idleBehavior: 'run',
    createdAtMs: requestedAtWallMs,
    containers: [],
    vcpus: type.vcpus,
    ramBytes: type.ramBytes,
  }));
}

/** How many workers are in each state. */
export function countByState<A>(fleet: Fleet<A>): Readonly<Record<WorkerState, number>> {
  const counts: Record<WorkerState, number> = { unknown: 0, booting: 0, idle: 0, running: 0, shutdown: 0 };
  for (const { worker } of fleet.members()) counts[worker.state] += 1;
  return counts;
}

/** How long ago the ready workers last answered a probe. */
export function probeAges<A>(fleet: Fleet<A>, nowMs: number): ProbeAges {
  const ages = [...fleet.members()]
    .filter(({ worker }) => isReady(worker) && worker.state !== 'shutdown')
    .map(({ worker }) => nowMs - worker.probedAtMs)
    .toSorted((a, b) => a - b);
  return { maxMs: ages.at(-1) ?? 0, medianMs: ages[Math.floor((ages.length - 1) / 2)] ?? 0 };
}
