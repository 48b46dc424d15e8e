import type { InstanceType } from '@drover/spec';
import type { Needs } from './needs.ts';
import { type Request, unmetConstraint } from './type-constraints.ts';

/**
 * The types that may serve a container, in the order in which they are asked for: cheapest first, and nothing that costs
 * more than `maximumPriceFactor` times the cheapest. A free type is never too dear, nor does it make others so. With
 * `preemptible: prefer` all spot types come before the on-demand ones, each kind with a cut of its own. Empty: the container
 * cannot be served.
 */
export function chooseTypes(
  types: readonly InstanceType[],
  request: Request,
  needs: Needs,
  maximumPriceFactor: number,
): readonly InstanceType[] {
  const able = types.filter((type) => unmetConstraint(type, request, needs) === undefined).toSorted(compareTypes);
  const spot = able.filter((type) => type.preemptible);
  const onDemand = able.filter((type) => !type.preemptible);
  return [...cutByPrice(spot, maximumPriceFactor), ...cutByPrice(onDemand, maximumPriceFactor)];
}

/** The highest price that is not too dear among these types; undefined when none costs anything. */
export function priceLimit(types: readonly InstanceType[], maximumPriceFactor: number): number | undefined {
  const prices = types.map((type) => type.pricePerHour).filter((price) => price > 0);
  return prices.length === 0 ? undefined : Math.min(...prices) * Math.max(maximumPriceFactor, 1);
}

function cutByPrice(types: readonly InstanceType[], maximumPriceFactor: number): readonly InstanceType[] {
  const limit = priceLimit(types, maximumPriceFactor);
  return limit === undefined ? types : types.filter((type) => type.pricePerHour <= limit);
}

/** Cheaper, then more RAM, more vcpus, more scratch, then by name. */
export function compareTypes(a: InstanceType, b: InstanceType): number {
  return (
    a.pricePerHour - b.pricePerHour ||
    b.ramBytes - a.ramBytes ||
    b.vcpus - a.vcpus ||
    b.scratchBytes - a.scratchBytes ||
    (a.name < b.name ? -1 : 1)
  );
}
