import type { ContainerUuid, HostKeys, Instance, InstanceId } from '@drover/spec';
import type { Amounts } from './invariants/resources-fit.ts';
import type { AcceptedStart, LiveWorkload } from './invariants/invariant.ts';
import type { Cargo } from './invariants/nothing-lost-by-destroy.ts';
import { tagKeyPrefix } from './set-names.ts';
import type { World } from './world.ts';

/** Longer than probes may fail before a VM counts as dead. */
const deadAfterMs = 660_000;
/** A dispatcher tries again soon after something has broken. */
const troubleIsOverMs = 120_000;
/** What was sent before may arrive this much later: latency, and what lingers in a broken connection. */
const inFlightMs = 30_000;
/** Twice the pool's `consistencyMs`: what no list has shown by then was not made, as far as anybody can tell. */
const hiddenAfterMs = 120_000;

/** Alive although their users asked for their end: the only ones that can be late. */
export function* cancelledWorkloads(world: World): Iterable<LiveWorkload> {
  for (const uuid of world.containers.allCancelled) yield* world.liveRuns.of(uuid);
}

/** An operator was told that it is held, by whichever dispatcher, and nobody has asked for anything else since. */
export function isHeld(world: World, id: InstanceId): boolean {
  return world.operators.wanted(id) === 'hold' && !world.operators.hasKilled(id);
}

/** What the VM would take with it. */
export function cargo(world: World, id: InstanceId): Cargo {
  const host = world.hosts.get(id);
  if (host === undefined) return { live: 0, uncollected: 0 };
  const runs = [...host.agent.store.runs.values()];
  // Of a run whose end nobody knows there is no result to lose.
  const uncollected = runs.filter(({ uuid, generation, state, result }) => {
    if (result === undefined || result.unknown) return false;
    const stored = world.database.record(uuid);
    const held = stored.state === 'Locked' || stored.state === 'Running';
    return state === 'finished' && held && stored.generation === generation;
  });
  // A stale run has nobody left who could end it.
  const live = runs.filter((run) => run.state === 'starting' || run.state === 'running');
  return { live: live.length, uncollected: uncollected.length };
}

/** Nobody can be blamed for what goes with this VM. */
export function mayBeLost(world: World, id: InstanceId): boolean {
  const host = world.hosts.get(id);
  if (host === undefined || world.operators.hasKilled(id)) return true;
  // It goes already, whoever has seen to that.
  if (world.cloud.vm(id)?.lifecycle === 'stopping') return true;
  const { refuseConnections, frozen, agentDead, notBooted, killsFail } = host.faults;
  if (refuseConnections || frozen || agentDead || notBooted || killsFail || !isProven(world, id)) return true;
  if (host.agent.store.preemptionNotice !== undefined) return true;
  const troubleAtMs = world.vms.troubleAtMs(id);
  return troubleAtMs !== undefined && world.clock.monotonicMs() - troubleAtMs < deadAfterMs;
}

/** VMs that the dispatcher of the moment should know, and since when it could. */
export function existing(world: World) {
  const readyAtMs = world.readyDispatcher?.readyAtMs;
  if (readyAtMs === undefined) return [];
  return world.vms.living.map(({ id }) => ({ id, visibleSinceMs: Math.max(readyAtMs, world.vms.firstSeenMs(id)) }));
}

/** The VMs that the dispatcher of the moment knows. */
export function knownIds(world: World): ReadonlySet<InstanceId> {
  const views = world.dispatchers.current?.dispatcher.pool.instances() ?? [];
  return new Set(views.map((view) => view.instanceId));
}

/**
 * VMs that count for the maximum. Not those of which nobody could know: the cloud has kept them out of every answer to the dispatcher
 * of the moment, for longer than the pool is told that lists may lag, and neither the VM nor a create that it may have come of is on
 * record any more.
 */
export function countedVms(world: World): number {
  const { vms, database, clock, ears, dispatchers } = world;
  const asked = new Set([...database.intents.values()].flatMap(({ secrets }) => secrets));
  const isKnowable = ({ id, tags }: Instance): boolean =>
    database.pins.has(id) ||
    ears.shown.wasShownTo(dispatchers.count, id) ||
    asked.has(tags[`${tagKeyPrefix}InstanceSecret`] ?? '') ||
    clock.monotonicMs() - vms.firstSeenMs(id) <= hiddenAfterMs;
  return vms.living.filter(isKnowable).length;
}

/** Why nothing may be started there; undefined: it may. */
export function objectionToStart(world: World, { instanceId: id, hostKey }: AcceptedStart): string | undefined {
  // A start may arrive late, over a connection that was proven, when the VM shows another key to new ones.
  if (!world.vms.hasProven(id, hostKey)) return 'has not proven who it is';
  const behavior = world.operators.wanted(id);
  const askedMs = world.clock.monotonicMs() - (world.operators.wantedAtMs(id) ?? Number.POSITIVE_INFINITY);
  const isKept = behavior !== undefined && behavior !== 'run' && askedMs > inFlightMs;
  return isKept ? `is on ${behavior}` : undefined;
}

/** Since when nothing keeps a cancelled workload from being ended; undefined: something does. */
export function killableSinceMs(world: World, { uuid, instanceId }: LiveWorkload): number | undefined {
  const cancelledAtMs = world.containers.cancelledAtMs(uuid);
  const readyAtMs = world.readyDispatcher?.readyAtMs;
  const faults = world.hosts.get(instanceId)?.faults;
  if (cancelledAtMs === undefined || readyAtMs === undefined || faults === undefined) return undefined;
  if (faults.frozen || faults.refuseConnections || faults.agentDead || faults.killsFail) return undefined;
  if (!isProven(world, instanceId)) return undefined;
  // The users' own wish may have failed; it counts when the queue has it.
  if (world.database.record(uuid).priority !== 0) return undefined;
  return Math.max(cancelledAtMs, readyAtMs, world.vms.troubleAtMs(instanceId) ?? 0);
}

/** The key that it shows now is pinned. */
export function isProven(world: World, id: InstanceId): boolean {
  const key = world.hosts.get(id)?.hostKey ?? '';
  return world.database.pins.get(id)?.includes(key) === true;
}

/** What the VM has, as it was configured. */
export function sizeOf(world: World, id: InstanceId): Amounts | undefined {
  const providerType = world.cloud.vm(id)?.providerType;
  return world.scenario.instanceTypes.find((type) => type.providerType === providerType);
}

/** Results that are recorded and still on a VM that could be told for the last minutes. */
export function* keptResults(world: World): Iterable<LiveWorkload> {
  if (world.readyDispatcher === undefined) return;
  for (const host of world.hosts.all()) {
    const { instanceId, agent, faults } = host;
    if (faults.frozen || faults.refuseConnections || faults.agentDead || faults.refuseChannels) continue;
    if (!isProven(world, instanceId) || world.cloud.vm(instanceId)?.lifecycle !== 'running') continue;
    const troubleAtMs = world.vms.troubleAtMs(instanceId) ?? Number.NEGATIVE_INFINITY;
    if (world.clock.monotonicMs() - troubleAtMs < troubleIsOverMs) continue;
    for (const { uuid, generation, state } of agent.store.runs.values())
      if (state === 'finished' && isRecorded(world, uuid, generation)) yield { instanceId, uuid, generation };
  }
}

function isRecorded(world: World, uuid: ContainerUuid, generation: number): boolean {
  const attempt = world.database.record(uuid).attempts.find((candidate) => candidate.generation === generation);
  return attempt?.result !== undefined;
}

/** The queue holds just this attempt, and nobody has asked for its end. */
export function isWantedAttempt(world: World, uuid: ContainerUuid, generation: number): boolean {
  const { state, priority, generation: current } = world.database.record(uuid);
  return (state === 'Locked' || state === 'Running') && current === generation && priority > 0;
}

/** The keys that a VM shows or has shown; undefined: it is gone. */
export function trueKeys(world: World, id: InstanceId): HostKeys | undefined {
  return world.hosts.get(id)?.keysEver;
}
