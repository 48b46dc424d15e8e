import { chooseTypes, needsOf, type SchedulerOptions } from '@drover/scheduler';
import type { InstanceType } from '@drover/spec';

/** The configured types that may serve a container, best first. */
export function eligibleTypes(
  request: Parameters<typeof chooseTypes>[1],
  options: SchedulerOptions,
): readonly InstanceType[] {
  return chooseTypes(options.instanceTypes, request, needsOf(request, options), options.maximumPriceFactor);
}
