import type { InstanceId } from '@drover/spec';
import { ackAfterCommit } from './invariants/ack-after-commit.ts';
import { completeLogs } from './invariants/complete-logs.ts';
import { promptCancel } from './invariants/prompt-cancel.ts';
import { startsWhereAllowed } from './invariants/starts-where-allowed.ts';
import { boundedAttempts } from './invariants/bounded-attempts.ts';
import { completeHasResult } from './invariants/complete-has-result.ts';
import { everyInstanceKnown } from './invariants/every-instance-known.ts';
import { everythingEnds } from './invariants/everything-ends.ts';
import { growingGenerations } from './invariants/growing-generations.ts';
import { holdIsKept } from './invariants/hold-is-kept.ts';
import type { Invariant, LiveWorkload } from './invariants/invariant.ts';
import { legalTransitions } from './invariants/legal-transitions.ts';
import { noLeftovers } from './invariants/no-leftovers.ts';
import { type Cargo, nothingLostByDestroy } from './invariants/nothing-lost-by-destroy.ts';
import { oneFinalTransition } from './invariants/one-final-transition.ts';
import { oneLiveWorkload } from './invariants/one-live-workload.ts';
import { stablePins } from './invariants/stable-pins.ts';
import { withinMaxInstances } from './invariants/within-max-instances.ts';
import type { World } from './world.ts';

/** The queue's default cap on attempts that started. */
const maxStartedAttempts = 10;
/** Several listings, each of which may fail or lag. */
const knownWithinMs = 1_800_000;
/** Longer than probes may fail before a VM counts as dead. */
const deadAfterMs = 660_000;

/** A kill may meet resets and retries, each of which may last as long as a probe waits. */
const cancelWithinMs = 900_000;
/** What was sent before may arrive this much later: latency, and what lingers in a broken connection. */
const inFlightMs = 30_000;

/** Every invariant, told how to look at this world. */
export function worldInvariants(world: World): readonly Invariant[] {
  const record = world.database.record.bind(world.database);
  return [
    oneLiveWorkload(),
    oneFinalTransition(),
    legalTransitions(),
    growingGenerations(),
    completeHasResult(record),
    boundedAttempts(record, maxStartedAttempts),
    withinMaxInstances(() => world.vms.count, world.scenario.maxInstances),
    holdIsKept((id) => isHeld(world, id)),
    nothingLostByDestroy(
      (id) => cargo(world, id),
      (id) => mayBeLost(world, id),
    ),
    everyInstanceKnown({
      nowMs: () => world.clock.monotonicMs(),
      existing: () => existing(world),
      known: () => knownIds(world),
      withinMs: knownWithinMs,
    }),
    stablePins((id) => {
      const key = world.hosts.get(id)?.hostKey;
      return key === undefined ? undefined : [key];
    }),
    ackAfterCommit(record),
    completeLogs(record, (uuid, stream) => world.database.containers.log(uuid, stream, undefined)),
    startsWhereAllowed((id) => objectionToStart(world, id)),
    promptCancel({
      nowMs: () => world.clock.monotonicMs(),
      live: () => cancelledWorkloads(world),
      killableSinceMs: (workload) => killableSinceMs(world, workload),
      withinMs: cancelWithinMs,
    }),
    everythingEnds(() => world.containers.unfinished),
    noLeftovers(
      () => world.vms.living.map((vm) => vm.id),
      () => world.containers.locked,
    ),
  ];
}

/** Alive although their users asked for their end: the only ones that can be late. */
function* cancelledWorkloads(world: World): Iterable<LiveWorkload> {
  for (const uuid of world.containers.allCancelled) yield* world.liveRuns.of(uuid);
}

/** An operator was told that it is held, by whichever dispatcher, and nobody has asked for anything else since. */
function isHeld(world: World, id: InstanceId): boolean {
  return world.operators.wanted(id) === 'hold' && !world.operators.hasKilled(id);
}

function cargo(world: World, id: InstanceId): Cargo {
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

function mayBeLost(world: World, id: InstanceId): boolean {
  const host = world.hosts.get(id);
  if (host === undefined || world.operators.hasKilled(id)) return true;
  // It goes already, whoever has seen to that.
  if (world.cloud.vm(id)?.lifecycle === 'stopping') return true;
  const { refuseConnections, frozen, agentDead, notBooted } = host.faults;
  if (refuseConnections || frozen || agentDead || notBooted) return true;
  if (host.agent.store.preemptionNotice !== undefined) return true;
  const troubleAtMs = world.vms.troubleAtMs(id);
  return troubleAtMs !== undefined && world.clock.monotonicMs() - troubleAtMs < deadAfterMs;
}

function existing(world: World) {
  const readyAtMs = world.readyDispatcher?.readyAtMs;
  if (readyAtMs === undefined) return [];
  return world.vms.living.map(({ id }) => ({ id, visibleSinceMs: Math.max(readyAtMs, world.vms.firstSeenMs(id)) }));
}

function knownIds(world: World): ReadonlySet<InstanceId> {
  const views = world.dispatchers.current?.dispatcher.pool.instances() ?? [];
  return new Set(views.map((view) => view.instanceId));
}

function objectionToStart(world: World, id: InstanceId): string | undefined {
  const key = world.hosts.get(id)?.hostKey ?? '';
  if (world.database.pins.get(id)?.includes(key) !== true) return 'has not proven who it is';
  const behavior = world.operators.wanted(id);
  const askedMs = world.clock.monotonicMs() - (world.operators.wantedAtMs(id) ?? Number.POSITIVE_INFINITY);
  const isKept = behavior !== undefined && behavior !== 'run' && askedMs > inFlightMs;
  return isKept ? `is on ${behavior}` : undefined;
}

function killableSinceMs(world: World, { uuid, instanceId }: LiveWorkload): number | undefined {
  const cancelledAtMs = world.containers.cancelledAtMs(uuid);
  const readyAtMs = world.readyDispatcher?.readyAtMs;
  const faults = world.hosts.get(instanceId)?.faults;
  if (cancelledAtMs === undefined || readyAtMs === undefined || faults === undefined) return undefined;
  if (faults.frozen || faults.refuseConnections || faults.agentDead) return undefined;
  // The users' own wish may have failed; it counts when the queue has it.
  if (world.database.record(uuid).priority !== 0) return undefined;
  return Math.max(cancelledAtMs, readyAtMs, world.vms.troubleAtMs(instanceId) ?? 0);
}
