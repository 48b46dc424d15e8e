import { decisionPictures } from './decision-pictures.ts';
import { ackAfterCommit } from './invariants/ack-after-commit.ts';
import { boundedAttempts } from './invariants/bounded-attempts.ts';
import { boundedChannels } from './invariants/bounded-channels.ts';
import { boundedRates } from './invariants/bounded-rates.ts';
import { completeHasResult } from './invariants/complete-has-result.ts';
import { completeLogs } from './invariants/complete-logs.ts';
import { everyInstanceKnown } from './invariants/every-instance-known.ts';
import { everythingEnds } from './invariants/everything-ends.ts';
import { growingGenerations } from './invariants/growing-generations.ts';
import { holdIsKept } from './invariants/hold-is-kept.ts';
import type { Invariant } from './invariants/invariant.ts';
import { killsHitTheirTarget } from './invariants/kills-hit-their-target.ts';
import { legalTransitions } from './invariants/legal-transitions.ts';
import { noCreateWhileHeld } from './invariants/no-create-while-held.ts';
import { noForeignTouch } from './invariants/no-foreign-touch.ts';
import { noLeftovers } from './invariants/no-leftovers.ts';
import { noLocksLeft } from './invariants/no-locks-left.ts';
import { noStarvation } from './invariants/no-starvation.ts';
import { nothingLostByDestroy } from './invariants/nothing-lost-by-destroy.ts';
import { nothingSecretBeforeProof } from './invariants/nothing-secret-before-proof.ts';
import { oneEpochActs } from './invariants/one-epoch-acts.ts';
import { oneFinalTransition } from './invariants/one-final-transition.ts';
import { oneLiveWorkload } from './invariants/one-live-workload.ts';
import { promptCancel } from './invariants/prompt-cancel.ts';
import { queuedWithProof } from './invariants/queued-with-proof.ts';
import { recordedIsDeleted } from './invariants/recorded-is-deleted.ts';
import { resourcesFit } from './invariants/resources-fit.ts';
import { stablePins } from './invariants/stable-pins.ts';
import { staysConverged } from './invariants/stays-converged.ts';
import { sameDecisions } from './invariants/same-decisions.ts';
import { startsWhereAllowed } from './invariants/starts-where-allowed.ts';
import { withinMaxInstances } from './invariants/within-max-instances.ts';
import { QueueModel } from './queue-model/queue-model.ts';
import { rateOf } from './port-rates.ts';
import type { World } from './world.ts';
import {
  cancelledWorkloads,
  cargo,
  countedVms,
  existing,
  isHeld,
  isProven,
  isWantedAttempt,
  keptResults,
  killableSinceMs,
  knownIds,
  mayBeLost,
  objectionToStart,
  sizeOf,
  trueKeys,
} from './world-facts.ts';

/** The queue's default cap on attempts that started. */
const maxStartedAttempts = 10;
/** Several listings, each of which may fail or lag. */
const knownWithinMs = 1_800_000;
/** A kill may meet resets and retries, each of which may last as long as a probe waits. */
const cancelWithinMs = 900_000;
/** An ack may meet resets and retries as a kill may, and a dispatcher that has just begun visits all its VMs first. */
const ackedWithinMinutes = 10;
/** One that was given up after a failure may wait for a while, and others go first. */
const passedOverWithinMs = 1_800_000;
/** A lock waits for its VM: booting, given up and replaced. */
const lockedWithinMs = 7_200_000;
/** The throttle's defaults. */
const holdTimes = { firstBackoffMs: 1000, quotaRetryMs: 60_000, capacityRetryMs: 60_000 };
/** Per connection: sshd allows ten, and a control channel, a log channel and a command are all that is needed. */
const maxChannels = 6;

/** Every invariant, told how to look at this world. */
export function worldInvariants(world: World): readonly Invariant[] {
  return [...queueInvariants(world), ...vmInvariants(world), ...portInvariants(world), queueModel(world)];
}

/** A second queue, in thought, beside the real one. */
function queueModel(world: World): Invariant {
  return new QueueModel((uuid) => {
    const { priority, spec } = world.database.record(uuid);
    const { retry, scheduling } = spec;
    return { priority, attempts: retry.attempts, prefersSpot: scheduling.preemptible === 'prefer' };
  });
}

/** What must be true of containers. */
function queueInvariants(world: World): readonly Invariant[] {
  const record = world.database.record.bind(world.database);
  const nowMs = (): number => world.clock.monotonicMs();
  return [
    oneLiveWorkload(),
    oneFinalTransition(),
    legalTransitions(),
    queuedWithProof({ live: (uuid) => world.liveRuns.of(uuid), record }),
    growingGenerations(),
    completeHasResult(record),
    boundedAttempts(record, maxStartedAttempts),
    noLocksLeft({
      nowMs,
      isHealthy: () => world.isHealed,
      locked: () => world.containers.locked,
      withinMs: lockedWithinMs,
    }),
    completeLogs(record, (uuid, stream) => world.database.containers.log(uuid, stream, undefined)),
    ackAfterCommit(record),
    recordedIsDeleted(() => keptResults(world), ackedWithinMinutes),
    promptCancel({
      nowMs,
      live: () => cancelledWorkloads(world),
      killableSinceMs: (workload) => killableSinceMs(world, workload),
      withinMs: cancelWithinMs,
    }),
    noStarvation({ nowMs, record, withinMs: passedOverWithinMs }),
    everythingEnds(() => world.containers.unfinished),
    staysConverged(() => world.hasConverged),
  ];
}

/** What must be true of VMs. */
function vmInvariants(world: World): readonly Invariant[] {
  const { database } = world;
  return [
    withinMaxInstances(() => countedVms(world), world.scenario.maxInstances),
    startsWhereAllowed((start) => objectionToStart(world, start)),
    holdIsKept((id) => isHeld(world, id)),
    nothingLostByDestroy(
      (id) => cargo(world, id),
      (id) => mayBeLost(world, id),
    ),
    noForeignTouch(),
    everyInstanceKnown({
      nowMs: () => world.clock.monotonicMs(),
      existing: () => existing(world),
      known: () => knownIds(world),
      withinMs: knownWithinMs,
    }),
    noLeftovers(() => world.vms.living.map((vm) => vm.id)),
    resourcesFit({
      needs: (uuid) => database.record(uuid).spec.resources,
      size: (id) => sizeOf(world, id),
      maxContainers: world.scenario.maxContainersPerInstance,
    }),
    stablePins(
      (id) => trueKeys(world, id),
      (id) => world.cloud.vouchedKeys(id),
    ),
    killsHitTheirTarget((uuid, generation) => isWantedAttempt(world, uuid, generation)),
  ];
}

/** What must be true of everything that dispatchers ask of the outside. */
function portInvariants(world: World): readonly Invariant[] {
  const nowMs = (): number => world.clock.monotonicMs();
  return [
    noCreateWhileHeld(nowMs, holdTimes),
    nothingSecretBeforeProof({
      isProven: (id) => isProven(world, id),
      secrets: (id) => [world.hosts.get(id)?.secret ?? ''],
    }),
    oneEpochActs(nowMs),
    boundedChannels(maxChannels, () => world.hosts.openExecutors),
    boundedRates(nowMs, rateOf),
    sameDecisions({
      pictures: () => decisionPictures(world),
      onCompared: () => world.sometimes.moment('a quiet moment is compared with what a new dispatcher would decide'),
    }),
  ];
}
