import type { BehaviorDecision, DispatchEvent, Instance, InstanceType } from '@drover/spec';
import { nextDecision, restoredDecision } from './behavior-decision.ts';
import type { Moment } from './moment.ts';
import type { PoolOptions } from './pool-options.ts';
import { InstanceTag, readTag } from './tags.ts';
import type { Worker } from './worker.ts';

/** Where a worker comes from. */
export interface Origin {
  /** True when this process asked for the VM; else it may run anything. */
  readonly createdHere: boolean;
  readonly offeringId: string | undefined;
  readonly pricePerHour: number | undefined;
  /** Known without the tag when created here. */
  readonly secret: string | undefined;
}

/** Who takes the VM over, and what was decided about it before. */
export interface Takeover {
  /** Of this dispatcher. */
  readonly epoch: number;
  /** What the store has. */
  readonly decided: BehaviorDecision | undefined;
}

/** The worker of a VM that has just become known. */
export function newWorker(
  instance: Instance,
  { epoch, decided, ...origin }: Origin & Takeover,
  now: Moment,
  options: PoolOptions,
): Worker {
  const typeName = readTag(options, instance, InstanceTag.instanceType);
  const configured = options.instanceTypes.find((type) => type.name === typeName);
  const type = configured ?? unconfiguredType(typeName, instance);
  const restored = restoredDecision(options, instance, decided);
  const outOfUse = configured === undefined && restored.behavior === 'run';
  return {
    instance,
    type,
    typeConfigured: configured !== undefined,
    offeringId: origin.offeringId,
    pricePerHour: instance.pricePerHour ?? origin.pricePerHour ?? type.pricePerHour,
    secret: origin.secret ?? readTag(options, instance, InstanceTag.instanceSecret),
    state: origin.createdHere ? 'booting' : 'unknown',
    idleBehavior: outOfUse ? 'drain' : restored.behavior,
    decision: outOfUse ? nextDecision(restored, epoch) : { epoch: restored.epoch, number: restored.number },
    epoch,
    note: outOfUse ? `its instance type "${typeName}" is not configured` : undefined,
    outcome: undefined,
    appearedAtMs: now.ms,
    createdAtWallMs: now.wallMs,
    readyAtMs: undefined,
    lastBusyAtMs: undefined,
    lastBusyAtWallMs: undefined,
    lastContainerUuid: undefined,
    uses: 0,
    identity: 'unverified',
    bootProbeOk: false,
    statusSeen: false,
    found: !origin.createdHere,
    probe: { kind: 'none' },
    probeDueAtMs: now.ms,
    probeAttempts: 0,
    probeFailures: 0,
    probedAtMs: now.ms,
    link: { kind: 'closed' },
    leaseEndsAtMs: origin.createdHere
      ? Number.NEGATIVE_INFINITY
      : now.ms + options.acceptLeaseMs + options.leaseMarginMs,
    fence: 'none',
    runs: [],
    uncollected: [],
    revision: 0,
    broken: false,
    staleSinceMs: undefined,
    preempted: undefined,
    strikes: [],
    firstStrikeAtMs: undefined,
    shutdown: undefined,
    settingTags: false,
    gone: false,
  };
}

/** Stands in for a type that is no longer configured: nothing fits on it. */
function unconfiguredType(name: string, instance: Instance): InstanceType {
  return {
    name,
    providerType: instance.providerType,
    vcpus: 0,
    ramBytes: 0,
    scratchBytes: 0,
    includedScratchBytes: 0,
    addedScratchBytes: 0,
    pricePerHour: instance.pricePerHour ?? 0,
    preemptible: false,
  };
}

/** Says that there is a new worker. */
export function appearedEvent({ instance, type, state, offeringId, pricePerHour }: Worker): DispatchEvent {
  return {
    type: 'instance-appeared',
    instanceId: instance.id,
    instanceType: type.name,
    state,
    ...(offeringId === undefined ? {} : { offeringId }),
    ...(instance.zone === undefined ? {} : { zone: instance.zone }),
    pricePerHour,
  };
}
