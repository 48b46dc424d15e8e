import type { InstanceType, Offering } from '@drover/spec';

/**
 * One offering per zone. They cost the same, and among equals the pool tries the first by id: the zone's place in the
 * configuration leads it.
 */
export function offeringsOf(type: InstanceType, zones: readonly string[]): readonly Offering[] {
  const { name, preemptible, pricePerHour } = type;
  const digits = String(zones.length).length;
  return zones.map((zone, index) => ({
    id: `${name}@${String(index + 1).padStart(digits, '0')}.${zone}`,
    instanceType: name,
    zone,
    preemptible,
    pricePerHour,
  }));
}
