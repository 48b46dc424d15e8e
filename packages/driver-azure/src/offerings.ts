import type { InstanceType, Offering } from '@drover/spec';
import type { AzureParams } from './params.ts';

type Places = Pick<AzureParams, 'location' | 'zones'>;

/** A zone is an offering; without zones the location is the only one, and Azure chooses. */
export function offeringsOf(type: InstanceType, params: Places): readonly Offering[] {
  const { name, preemptible, pricePerHour } = type;
  const zones = params.zones.length === 0 ? [undefined] : params.zones;
  return zones.map((zone) => {
    const place = zoneName(params.location, zone);
    return { id: `${name}@${place}`, instanceType: name, zone: place, preemptible, pricePerHour };
  });
}

/** As offerings and instances call it, e.g. `centralus-1`, or `centralus` without a zone. */
export function zoneName(location: string, zone: string | undefined): string {
  return zone === undefined ? location : `${location}-${zone}`;
}

/** Azure's number of the zone; undefined when the offering is the whole location. */
export function zoneOf(offering: Offering, { location, zones }: Places): string | undefined {
  return zones.find((zone) => zoneName(location, zone) === offering.zone);
}
