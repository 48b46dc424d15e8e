import type { Subnet } from '@aws-sdk/client-ec2';
import type { CallOptions, CheckResult, InstanceType } from '@drover/spec';
import { ec2Times } from './ec2-options.ts';
import { mapError } from './map-error.ts';
import type { Ec2Params } from './params.ts';
import { failed, ok } from './preflight-results.ts';
import type { Ec2Api } from './sdk-subset.ts';

/** What was seen of the network. */
export interface NetworkCheck {
  readonly results: readonly CheckResult[];
  readonly subnets: readonly Subnet[];
}

/** The subnets with their free addresses, and the security groups, which must be of the same VPC. */
export async function checkNetwork(api: Ec2Api, params: Ec2Params, options: CallOptions): Promise<NetworkCheck> {
  const subnets = await checkSubnets(api, params.subnetId, options);
  const vpcs = new Set(subnets.subnets.map((subnet) => subnet.VpcId));
  const groups = await checkGroups(api, params.securityGroupIds, vpcs, options);
  return { subnets: subnets.subnets, results: [...subnets.results, ...groups] };
}

/** The zones that VMs can be in; none known: any. */
export function zonesOf(subnets: readonly Subnet[]): ReadonlySet<string> {
  return new Set(subnets.flatMap((subnet) => subnet.AvailabilityZone ?? []));
}

async function checkSubnets(api: Ec2Api, ids: readonly string[], options: CallOptions): Promise<NetworkCheck> {
  const setting = 'driver.subnetId';
  if (ids.length === 0)
    return {
      subnets: [],
      results: [ok('network', 'No subnet is named; VMs go to the default VPC, zones as AWS likes.')],
    };
  try {
    const { Subnets: subnets = [] } = await api.describeSubnets({ SubnetIds: [...ids] }, options);
    return { subnets, results: subnets.map((subnet) => subnetResult(subnet)) };
  } catch (error) {
    return { subnets: [], results: [failed('network', mapError(error, { doing: 'look at the subnets' }), setting)] };
  }
}

function subnetResult(subnet: Subnet): CheckResult {
  const free = subnet.AvailableIpAddressCount ?? 0;
  const message = `The subnet ${subnet.SubnetId} in ${subnet.AvailabilityZone} has ${free} free addresses.`;
  if (free >= ec2Times.fewAddresses) return ok('network', message);
  const outcome = free === 0 ? 'failed' : 'warning';
  return { subject: 'network', outcome, message, setting: 'driver.subnetId', fix: 'add a subnet, or use a larger one' };
}

async function checkGroups(
  api: Ec2Api,
  ids: readonly string[],
  vpcs: ReadonlySet<string | undefined>,
  options: CallOptions,
): Promise<readonly CheckResult[]> {
  const setting = 'driver.securityGroupIds';
  if (ids.length === 0) return [ok('network', "No security group is named; VMs get their VPC's default group.")];
  try {
    const { SecurityGroups: groups = [] } = await api.describeSecurityGroups({ GroupIds: [...ids] }, options);
    const foreign = groups.filter((group) => vpcs.size > 0 && !vpcs.has(group.VpcId));
    if (foreign.length === 0) return [ok('network', `The security groups ${ids.join(', ')} are there.`)];
    const names = foreign.map((group) => group.GroupId).join(', ');
    const message = `The security groups ${names} are not of the subnets' VPC.`;
    return [{ subject: 'network', outcome: 'failed', message, setting, fix: "name groups of the subnets' VPC" }];
  } catch (error) {
    return [failed('network', mapError(error, { doing: 'look at the security groups' }), setting)];
  }
}

/** Which types the zones have. */
export async function checkTypes(
  api: Ec2Api,
  types: readonly InstanceType[],
  zones: ReadonlySet<string>,
  options: CallOptions,
): Promise<readonly CheckResult[]> {
  const names = [...new Set(types.map((type) => type.providerType))];
  if (names.length === 0) return [];
  try {
    const zonesByType = await typeZones(api, names, options);
    return names.map((name) => typeResult(name, zonesByType.get(name) ?? new Set(), zones));
  } catch (error) {
    return [failed('types', mapError(error, { doing: 'look at the instance types' }), 'instanceTypes')];
  }
}

function typeResult(name: string, has: ReadonlySet<string>, zones: ReadonlySet<string>): CheckResult {
  const missing = [...zones].filter((zone) => !has.has(zone));
  if (has.size > 0 && missing.length === 0) return ok('types', `${name} is there in every zone of the subnets.`);
  const nowhere = has.size === 0 || missing.length === zones.size;
  const message = has.size === 0 ? `The region has no ${name}.` : `${name} is not there in ${missing.join(', ')}.`;
  const fix = has.size === 0 ? 'correct the providerType' : 'add a subnet in another zone, or do without the type';
  return { subject: 'types', outcome: nowhere ? 'failed' : 'warning', message, setting: 'instanceTypes', fix };
}

async function typeZones(
  api: Ec2Api,
  names: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const zones = new Map<string, Set<string>>();
  let NextToken: string | undefined;
  do {
    const page = await api.describeInstanceTypeOfferings(
      {
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [...names] }],
        ...(NextToken === undefined ? {} : { NextToken }),
      },
      options,
    );
    for (const { InstanceType: name, Location: zone } of page.InstanceTypeOfferings ?? [])
      if (name !== undefined && zone !== undefined) zones.set(name, (zones.get(name) ?? new Set()).add(zone));
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return zones;
}
