import type { ContainerUuid } from './container.ts';

/** Stable codes for why a container waits (or does not). */
export type WhyCode =
  | 'starting'
  | 'running'
  | 'finished'
  | 'priority-zero'
  | 'waiting-for-boot'
  | 'waiting-for-create'
  | 'waiting-for-lock'
  | 'over-quota'
  | 'container-limit'
  | 'supervisor-limit'
  | 'at-capacity'
  | 'create-declined'
  | 'former-attempt-alive'
  | 'unsatisfiable'
  | 'recovering'
  | 'queue-unavailable';

/** Why one instance type does not serve a container. */
export interface TypeRejection {
  readonly instanceType: string;
  /** The need that it does not meet, or the state it is in: `ram`, `vcpus`, `price`, `at-capacity`, … */
  readonly constraint: string;
  /** E.g. "needs 33.7 GiB RAM, has 32 GiB". */
  readonly message: string;
}

/** The answer to "why is my container waiting"; the same text in CLI, API and page. */
export interface WhyAnswer {
  readonly uuid: ContainerUuid;
  readonly code: WhyCode;
  readonly sentence: string;
  /** Place in the order of consideration, counted from 1; undefined when it is not waiting. */
  readonly position?: number;
  /** Since when (wall clock) this code holds. */
  readonly sinceMs: number;
  /** Types that could run it, best first. */
  readonly eligibleTypes: readonly string[];
  readonly rejections: readonly TypeRejection[];
}
