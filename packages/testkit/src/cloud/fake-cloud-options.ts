import type { Clock, HostKeys, Instance, InstanceId, InstanceType } from '@drover/spec';
import type { SeededRandom } from '../seeded-random.ts';
import type { StrikeGate } from '../strike-gate.ts';
import type { CloudFaults, CloudVerb } from './cloud-faults.ts';

/** A time drawn uniformly anew for each use. */
export interface DelayRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** One zone that every instance type is offered in. */
export interface CloudZone {
  readonly name: string;
  /** Times the type's configured price. */
  readonly priceFactor: number;
}

/** What a VM was made with and carries inside; the simulated host needs it. */
export interface VmBoot {
  readonly createId: string;
  /** The VM's true host keys, whether the cloud publishes them or not. */
  readonly hostKeys: HostKeys;
  readonly initCommand: string;
  readonly authorizedKey: string;
  readonly instanceType: InstanceType | undefined;
}

/** Called by the cloud at once, inside its own step; whoever simulates the hosts listens here. */
export interface CloudHooks {
  /** What is true of a VM has changed, its making included, whatever listings say of it so far. */
  onChange?(instance: Instance, origin: { readonly foreign: boolean }): void;
  /** A call has touched a VM that belongs to somebody else. */
  onForeignTouch?(verb: CloudVerb, id: InstanceId): void;
  /** The VM is up: its host comes alive. Never called for a VM that never boots. */
  onRunning?(instance: Instance, boot: VmBoot): void;
  /** The VM will be taken away after `inMs`. */
  onNotice?(instance: Instance, inMs: number): void;
  /** The VM's processes are dead. Called once, also when it never came up. */
  onGone?(instance: Instance): void;
}

/** How a simulated cloud is set up. */
export interface FakeCloudOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly hooks?: CloudHooks;
  /** Exceptions from a faultless cloud; `FakeCloud.faults` may be changed later on. */
  readonly faults?: Partial<CloudFaults>;
  /** Has the last word on every fault that was drawn, by the names of `FakeCloud.faultHits`. */
  readonly gate?: StrikeGate;
  /** Default: one zone, `zone-a`, at the configured price. */
  readonly zones?: readonly CloudZone[];
  /** From create to running; default 30 s. */
  readonly bootDelay?: DelayRange;
  /** From stopping to terminated; default 10 s. */
  readonly stopDelay?: DelayRange;
  /** Round trip of one call, half of it before and half after it takes effect; default 0: without any timer. */
  readonly latency?: DelayRange;
  /** How long terminated VMs and launch failures still show in listings and `describe`; default 60 s. */
  readonly terminatedVisibleMs?: number;
  /** Calls per second and burst that each verb allows; more give a RateLimitError. Default: as many as you like. */
  readonly rateLimits?: Partial<Record<CloudVerb, RateLimit>>;
  /** Whether the instance set has the `hostKeys` capability; default true. */
  readonly publishesHostKeys?: boolean;
  /** From running until host keys are published; default 0. */
  readonly hostKeyDelayMs?: number;
  /** Default: providerType and preemptible. */
  readonly quotaGroup?: (type: InstanceType) => string;
}

/** A token bucket. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** The defaults of the options that have one. */
export const fakeCloudDefaults = {
  zones: [{ name: 'zone-a', priceFactor: 1 }],
  bootDelay: { minMs: 30_000, maxMs: 30_000 },
  stopDelay: { minMs: 10_000, maxMs: 10_000 },
  latency: { minMs: 0, maxMs: 0 },
  terminatedVisibleMs: 60_000,
  publishesHostKeys: true,
  hostKeyDelayMs: 0,
  quotaGroup: (type: InstanceType): string => `${type.providerType}/${type.preemptible ? 'spot' : 'on-demand'}`,
} as const;
