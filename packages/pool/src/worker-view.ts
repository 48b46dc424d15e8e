import type { InstanceView, WorkerContainer, WorkerView } from '@drover/spec';
import type { Run, Worker } from './worker.ts';

/** The worker as the scheduler sees it; `before` itself when nothing that shows has changed. */
export function workerView(worker: Worker, before: WorkerView | undefined): WorkerView {
  const containers = viewContainers(worker.runs, before?.containers);
  const same =
    before !== undefined &&
    before.containers === containers &&
    before.state === worker.state &&
    before.idleBehavior === worker.idleBehavior &&
    before.uncollected === worker.uncollected.length &&
    before.pricePerHour === worker.pricePerHour;
  if (same) return before;
  return {
    instanceId: worker.instance.id,
    instanceType: worker.type.name,
    state: worker.state,
    idleBehavior: worker.idleBehavior,
    containers,
    uncollected: worker.uncollected.length,
    ...(worker.offeringId === undefined ? {} : { offeringId: worker.offeringId }),
    pricePerHour: worker.pricePerHour,
  };
}

/** Whether the scheduler sees no difference, told by the parts themselves: nearly all events are probes, which change nothing. */
export function showsAlike(a: Worker, b: Worker): boolean {
  return (
    a.runs === b.runs &&
    a.uncollected === b.uncollected &&
    a.state === b.state &&
    a.idleBehavior === b.idleBehavior &&
    a.pricePerHour === b.pricePerHour
  );
}

/** The worker as operators see it. */
export function instanceView(worker: Worker): InstanceView {
  const { lastContainerUuid, lastBusyAtWallMs, note } = worker;
  return {
    instanceId: worker.instance.id,
    address: worker.instance.address,
    pricePerHour: worker.pricePerHour,
    instanceType: worker.type.name,
    providerType: worker.instance.providerType,
    state: worker.state,
    idleBehavior: worker.idleBehavior,
    ...(lastContainerUuid === undefined ? {} : { lastContainerUuid }),
    ...(lastBusyAtWallMs === undefined ? {} : { lastBusyAtMs: lastBusyAtWallMs }),
    createdAtMs: worker.createdAtWallMs,
    containers: worker.runs.map((run) => run.uuid),
    ...(note === undefined ? {} : { note }),
    vcpus: worker.type.vcpus,
    ramBytes: worker.type.ramBytes,
  };
}

function viewContainers(
  runs: readonly Run[],
  before: readonly WorkerContainer[] | undefined,
): readonly WorkerContainer[] {
  const unchanged =
    before?.length === runs.length &&
    runs.every((run, index) => {
      const old = before[index];
      return old?.uuid === run.uuid && old.generation === run.generation && old.phase === viewPhase(run);
    });
  if (unchanged && before !== undefined) return before;
  return runs.map((run) => ({ uuid: run.uuid, generation: run.generation, phase: viewPhase(run) }));
}

function viewPhase(run: Run): WorkerContainer['phase'] {
  if (run.kill !== undefined) return 'killing';
  return run.phase === 'sent' ? 'starting' : 'running';
}
