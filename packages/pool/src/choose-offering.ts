import type { InstanceSet, InstanceType, Offering } from '@drover/spec';
import type { CapacitySubject, CreateGates } from '@drover/throttle';

/** What choosing needs. */
export interface OfferingContext {
  readonly instanceSet: Pick<InstanceSet, 'offerings' | 'quotaGroup'>;
  readonly gates: Pick<CreateGates, 'unavailableUntilMs'>;
}

/** The cheapest offering of the type that may be tried now (the first by id among equals), or undefined. */
export function chooseOffering(type: InstanceType, context: OfferingContext): Offering | undefined {
  let best: Offering | undefined;
  for (const offering of context.instanceSet.offerings(type)) {
    const better =
      best === undefined ||
      offering.pricePerHour < best.pricePerHour ||
      (offering.pricePerHour === best.pricePerHour && offering.id < best.id);
    if (better && context.gates.unavailableUntilMs(capacitySubject(type, offering, context)) === undefined)
      best = offering;
  }
  return best;
}

/** What a capacity answer to a create of this offering is about. */
export function capacitySubject(
  type: InstanceType,
  offering: Offering,
  { instanceSet }: Pick<OfferingContext, 'instanceSet'>,
): CapacitySubject {
  return { type, offering, quotaGroup: instanceSet.quotaGroup?.(type) };
}
