import type { InstanceType, Offering } from '@drover/spec';
import type { Ec2Params } from './params.ts';

/** Stands for the subnet that the default VPC has in a zone of AWS's choice. */
const defaultSubnet = 'default';

/** One offering for each subnet, under the configured price. Ids are the same after a restart. */
export function offeringsOf(type: InstanceType, { subnetId, region }: Ec2Params): readonly Offering[] {
  const { name, preemptible, pricePerHour } = type;
  const subnets = subnetId.length === 0 ? [defaultSubnet] : subnetId;
  return subnets.map((subnet) => ({
    id: `${name}@${subnet}${preemptible ? '+spot' : ''}`,
    instanceType: name,
    zone: subnet === defaultSubnet ? region : subnet,
    preemptible,
    pricePerHour,
  }));
}

/** The subnet of an offering; undefined: the one of the default VPC. */
export function subnetOf(offering: Offering, { subnetId }: Ec2Params): string | undefined {
  return subnetId.find((subnet) => subnet === offering.zone);
}
