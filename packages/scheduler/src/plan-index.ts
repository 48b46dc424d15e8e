import type { ContainerUuid, WhyCode } from '@drover/spec';

/** What the passes remember to be quick; replaced in place by every pass. */
export class PlanIndex {
  /** The code of the last pass for each unfinished container. */
  readonly codes = new Map<ContainerUuid, WhyCode>();
}
