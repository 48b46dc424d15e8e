import type { DispatcherOptions } from '@drover/compose';
import type { InstanceType } from '@drover/spec';
import type { QueueLimits } from '@drover/queue-rules';
import type { Shortage } from '../trace-files/trace-environment.ts';

/** A configuration as a replay needs it. */
export interface ReplayConfiguration {
  /** For people: the file and what was changed. */
  readonly name: string;
  readonly instanceTypes: readonly InstanceType[];
  readonly pool: Partial<Omit<DispatcherOptions['pool'], 'instanceSetId' | 'instanceTypes'>>;
  readonly scheduler: NonNullable<DispatcherOptions['scheduler']>;
  readonly queueLimits: Partial<QueueLimits>;
}

/** What is supposed of the cloud. Times in milliseconds. */
export interface CloudModel {
  readonly seed: number;
  /** From the create call to a VM that answers by SSH: drawn from these, each as likely. Not empty. */
  readonly bootMs: readonly number[];
  /** From the end that the pool asks for to the last billed moment. */
  readonly stopMs: number;
  readonly callLatencyMs: number;
  /** VMs that the cloud allows in all; Infinity: any number. */
  readonly quota: number;
  /** At least one; the first is tried first. */
  readonly zones: readonly ZoneModel[];
  /** When it had no capacity for what. */
  readonly shortages: readonly Shortage[];
  /** How long before the end a spot VM gets notice. */
  readonly spotNoticeMs: number;
  /** At least so much of each VM is billed. */
  readonly minimumBilledMs: number;
}

/** One zone of the cloud. */
export interface ZoneModel {
  readonly name: string;
  /** Mean life of a spot VM there; Infinity: none is ever taken away. */
  readonly spotMeanLifeMs: number;
}

/**
 * What is supposed when nothing is known. A minute to boot is what a common Linux image takes on the large clouds; a spot VM
 * lives for a day on average, a little shorter than the interruption rates that clouds publish for their busier types make it;
 * two minutes of notice and a minute of minimum billing are EC2's.
 */
export const defaultCloudModel: CloudModel = {
  seed: 1,
  bootMs: [60_000],
  stopMs: 10_000,
  callLatencyMs: 500,
  quota: Number.POSITIVE_INFINITY,
  zones: [{ name: 'zone-a', spotMeanLifeMs: 24 * 3_600_000 }],
  shortages: [],
  spotNoticeMs: 120_000,
  minimumBilledMs: 60_000,
};

/**
 * Settings that only decide how often the dispatcher makes sure of what cannot go wrong in a replay: that a VM still answers, a
 * lease still holds, the queue was read. Spaced out, because a fleet at rest would cost a replay as much as its work. Between two
 * passes of the scheduler there is a quarter of a second, so that what comes at once is planned at once: it takes a container two
 * passes to start, which is what its wait may be too long by.
 */
export const calmPacing = {
  pool: { probeIntervalMs: 600_000, acceptLeaseMs: 3_600_000, replyTimeoutMs: 3_600_000, timeoutProbeMs: 7_200_000 },
  shell: { pollIntervalMs: 600_000, minPassIntervalMs: 250 },
} as const;
