import type { Clock, Random } from '@drover/spec';
import type { decide, QueueLimits } from '@drover/queue-rules';
import type { QueueFaultPolicy } from './queue-faults.ts';

/** Which moves are legal, and what each leaves behind. */
export type QueueRules = typeof decide;

/** How a queue in memory behaves. */
export interface MemoryQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** First five characters of every UUID; default `drovr`. */
  readonly clusterId?: string;
  /** Default: the limits of a real queue. */
  readonly limits?: Partial<QueueLimits>;
  /** Default: the rules of every queue of ours. Others show whether anybody would notice a mistake in them. */
  readonly rules?: QueueRules;
  /** Time from call to effect, and again from effect to answer; default 0: the effect lands within the call. */
  readonly latencyMs?: () => number;
  /** Faults by chance; default none. Planned ones (`faults.plan`) come first. */
  readonly faults?: QueueFaultPolicy;
}
