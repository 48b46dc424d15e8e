import type { Attempt } from '@drover/spec';
import type { ContainerFacts } from './facts.ts';
import type { QueueLimits } from './queue-options.ts';

/** What a decision rests on, read in the same transaction that will write it. */
export interface Situation {
  readonly facts: ContainerFacts;
  /** The attempt that `attemptNeeded` names, when there is one. */
  readonly attempt: Attempt | undefined;
  /** Wall clock now. */
  readonly atMs: number;
  readonly limits: QueueLimits;
}
