import type { IdleBehavior, Instance, PoolSnapshot, WorkerView } from '@drover/spec';
import { createPlanMemory, defaultSchedulerOptions, plan, type PlanAction, QueueTable } from '@drover/scheduler';
import type { SimulatedHost } from '@drover/testkit';
import type { Picture } from './invariants/same-decisions.ts';
import { tagKeyPrefix } from './set-names.ts';
import type { World } from './world.ts';

/**
 * How long nothing must have been wrong with any VM, nor any write have failed of what was decided about it: what the store has then
 * nobody knows, until the dispatcher has written it again.
 */
const calmMs = 120_000;

/**
 * What the running dispatcher decides by, and what one started anew would find in durable state; undefined while anything is
 * under way: then the two differ for a moment, and rightly so.
 */
export function decisionPictures(world: World): { readonly running: Picture; readonly recovered: Picture } | undefined {
  const snapshot = world.readyDispatcher?.dispatcher.pool.snapshot();
  if (snapshot === undefined || !isAtRest(world, snapshot)) return undefined;
  const found = world.vms.living.map((vm) => recoveredView(world, vm));
  if (!found.every((view) => view !== undefined)) return undefined;
  const recovered = { ...snapshot, workers: found };
  return { running: pictureOf(world, snapshot), recovered: pictureOf(world, recovered) };
}

function isAtRest(world: World, snapshot: PoolSnapshot): boolean {
  const { ready, unknownWorkers, pendingCreates, finished, exited, workers } = snapshot;
  const settled = ready && unknownWorkers === 0 && pendingCreates.length + finished.length + exited.length === 0;
  const nothingMoves = workers.every(
    ({ state, containers, uncollected }) =>
      (state === 'idle' || state === 'running') && uncollected === 0 && containers.every((c) => c.phase === 'running'),
  );
  if (!settled || !nothingMoves || world.ears.openCallsOf(world.dispatchers.count) > 0) return false;
  // A VM that has just come or gone is not in the next listing yet: how long that may take is another invariant's affair.
  const known = new Set(workers.map(({ instanceId }) => instanceId));
  if (known.size !== world.vms.count || !world.vms.living.every(({ id }) => known.has(id))) return false;
  return world.vms.living.every((vm) => isCalm(world, vm)) && world.containers.locked.length === 0;
}

function isCalm(world: World, vm: Instance): boolean {
  const host = world.hosts.get(vm.id);
  if (vm.lifecycle !== 'running' || host === undefined || host.linesUnderWay > 0) return false;
  const { broken, preemptionNotice, draining } = host.agent.store;
  if (broken !== undefined || preemptionNotice !== undefined || draining) return false;
  // A run has just ended, and the next probe will tell.
  if ([...host.agent.store.runs.values()].some((run) => run.state === 'finished')) return false;
  const { frozen, refuseConnections, agentDead, notBooted } = host.faults;
  if (frozen || refuseConnections || agentDead || notBooted) return false;
  const troubles = [world.vms.troubleAtMs(vm.id), world.vms.doubtAtMs(vm.id)];
  return troubles.every((atMs) => atMs === undefined || world.clock.monotonicMs() - atMs > calmMs);
}

/** The worker as a new dispatcher would have it after it has listed the cloud and visited the VM. */
function recoveredView(world: World, vm: Instance): WorkerView | undefined {
  const host = world.hosts.get(vm.id);
  const running = world.readyDispatcher?.dispatcher.pool.snapshot().workers.find((w) => w.instanceId === vm.id);
  const type = vm.tags[`${tagKeyPrefix}InstanceType`];
  if (host === undefined || type === undefined) return undefined;
  const runs = liveRuns(host);
  return {
    instanceId: vm.id,
    instanceType: type,
    state: runs.length > 0 ? 'running' : 'idle',
    idleBehavior: recoveredBehavior(world, vm),
    containers: runs.map((run) => ({ ...run, phase: 'running' })),
    uncollected: [...host.agent.store.runs.values()].filter((run) => run.state === 'finished').length,
    // Prices come from the cloud's listing, which both read alike.
    pricePerHour: running?.pricePerHour ?? 0,
    ...(running?.offeringId === undefined ? {} : { offeringId: running.offeringId }),
  };
}

function liveRuns(host: SimulatedHost): readonly { readonly uuid: string; readonly generation: number }[] {
  return host.liveRuns.map(({ uuid, generation }) => ({ uuid, generation }));
}

/** The later of what the state store and the tags say. */
function recoveredBehavior(world: World, vm: Instance): IdleBehavior {
  const stored = world.database.behaviors.get(vm.id);
  const [, epoch = '0', number = '0'] =
    /^(\d+)-(\d+)$/.exec(vm.tags[`${tagKeyPrefix}IdleBehaviorDecision`] ?? '') ?? [];
  const isStoredLater =
    stored !== undefined &&
    (stored.epoch > Number(epoch) || (stored.epoch === Number(epoch) && stored.number > Number(number)));
  if (isStoredLater) return stored.behavior;
  const tagged = vm.tags[`${tagKeyPrefix}IdleBehavior`];
  return tagged === 'hold' || tagged === 'drain' ? tagged : 'run';
}

function pictureOf(world: World, snapshot: PoolSnapshot): Picture {
  const { scenario, database, clock } = world;
  const options = {
    ...defaultSchedulerOptions,
    instanceTypes: scenario.instanceTypes,
    maxInstances: scenario.maxInstances,
    maxContainersPerInstance: scenario.maxContainersPerInstance,
  };
  const queue = new QueueTable();
  for (const uuid of world.containers.unfinished) queue.set(database.containers.find(uuid).entry);
  const input = { pool: snapshot, queue, options, nowMs: clock.monotonicMs(), busy: new Set<string>() };
  return {
    vms: snapshot.workers.map(({ instanceId, instanceType, state, idleBehavior, containers, uncollected }) => ({
      id: instanceId,
      type: instanceType,
      state,
      behavior: idleBehavior,
      runs: containers.map(({ uuid, generation }) => `${uuid}/${generation}`).toSorted(),
      uncollected,
    })),
    actions: plan(input, createPlanMemory(options)).actions.map(describeAction),
  };
}

function describeAction(action: PlanAction): string {
  const { kind, ...rest } = action;
  return `${kind} ${Object.values(rest).join(' ')}`;
}
