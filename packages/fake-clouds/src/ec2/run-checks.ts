import type { FakeAccount, FakeSubnet } from './account.ts';
import { Ec2Fault } from './ec2-fault.ts';
import { structureIn, structuresIn, textIn, textsIn, type Structure } from './values.ts';

const userDataBytes = 16_384;
const maxTags = 50;

/** Refuses what AWS refuses before it looks for room; gives the subnet. */
export function checkRun(account: FakeAccount, input: Structure): FakeSubnet {
  const imageId = textIn(input, 'ImageId') ?? '';
  if (!/^ami-[0-9a-f]+$/.test(imageId)) throw new Ec2Fault('InvalidAMIID.Malformed', `Invalid id: "${imageId}"`);
  if (!account.images.has(imageId))
    throw new Ec2Fault('InvalidAMIID.NotFound', `The image id '[${imageId}]' does not exist`);
  const [networkInterface = {}] = structuresIn(input, 'NetworkInterfaces');
  const subnet = findSubnet(account, textIn(networkInterface, 'SubnetId') ?? textIn(input, 'SubnetId'));
  for (const group of [...textsIn(networkInterface, 'Groups'), ...textsIn(input, 'SecurityGroupIds')])
    if (!account.securityGroups.has(group))
      throw new Ec2Fault('InvalidGroup.NotFound', `The security group '${group}' does not exist`);
  const key = textIn(input, 'KeyName');
  if (key !== undefined && !account.keyPairs.has(key))
    throw new Ec2Fault('InvalidKeyPair.NotFound', `The key pair '${key}' does not exist`);
  checkType(account, input, subnet);
  if (Buffer.from(textIn(input, 'UserData') ?? '', 'base64').length > userDataBytes)
    throw new Ec2Fault('InvalidParameterValue', `User data is limited to ${userDataBytes} bytes`);
  const token = textIn(input, 'ClientToken') ?? '';
  if (token.length > 64) throw new Ec2Fault('InvalidParameterValue', 'The client token is longer than 64 characters');
  return subnet;
}

/** The subnet of this id; without one, that of the default VPC. @throws Ec2Fault InvalidSubnetID.NotFound */
export function findSubnet(account: FakeAccount, id: string | undefined): FakeSubnet {
  const subnet = id === undefined ? [...account.subnets.values()][0] : account.subnets.get(id);
  if (subnet === undefined)
    throw new Ec2Fault('InvalidSubnetID.NotFound', `The subnet ID '${id ?? ''}' does not exist`);
  return subnet;
}

function checkType(account: FakeAccount, input: Structure, subnet: FakeSubnet): void {
  const name = textIn(input, 'InstanceType') ?? '';
  const type = account.types.get(name);
  if (type === undefined) throw new Ec2Fault('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  if (!type.zones.includes(subnet.zone))
    throw new Ec2Fault(
      'Unsupported',
      `Your requested instance type (${name}) is not supported in your requested Availability Zone (${subnet.zone}).`,
    );
  const maxPrice = maxPriceOf(input);
  const price = account.spotPrices.findLast((p) => p.type === name && p.zone === subnet.zone)?.price;
  if (maxPrice !== undefined && price !== undefined && maxPrice < price)
    throw new Ec2Fault(
      'SpotMaxPriceTooLow',
      `Your Spot request price of ${maxPrice} is lower than the minimum required Spot request fulfillment price of ${price}.`,
    );
}

/** What a spot request would pay, if it says so. */
export function maxPriceOf(input: Structure): number | undefined {
  const price = textIn(structureIn(structureIn(input, 'InstanceMarketOptions'), 'SpotOptions'), 'MaxPrice');
  return price === undefined ? undefined : Number(price);
}

/** The tags that a request gives to a kind of resource. */
export function tagsFor(input: Structure, resourceType: string): Map<string, string> {
  const specifications = structuresIn(input, 'TagSpecifications').filter((s) => s['ResourceType'] === resourceType);
  return new Map(specifications.flatMap((specification) => pairsIn(specification)));
}

/** Refuses tags that AWS refuses. */
export function checkTags(input: Structure): void {
  for (const holder of [input, ...structuresIn(input, 'TagSpecifications')]) {
    const pairs = pairsIn(holder);
    if (pairs.length > maxTags)
      throw new Ec2Fault('TagLimitExceeded', `More than ${maxTags} tags specified for resource`);
    for (const [key, value] of pairs) {
      if (key.length < 1 || key.length > 128)
        throw new Ec2Fault('InvalidParameterValue', 'Tag key exceeds the maximum length of 128 characters');
      if (value.length > 256)
        throw new Ec2Fault('InvalidParameterValue', 'Tag value exceeds the maximum length of 256 characters');
      if (key.toLowerCase().startsWith('aws:'))
        throw new Ec2Fault('InvalidParameterValue', 'Tag keys starting with aws: are reserved');
    }
  }
}

/** Tags as pairs. */
export function pairsIn(holder: Structure): readonly (readonly [string, string])[] {
  return structuresIn(holder, 'Tags').map((tag) => [textIn(tag, 'Key') ?? '', textIn(tag, 'Value') ?? ''] as const);
}

/** Whether a launch is to be spot. */
export function isSpotRequest(input: Structure): boolean {
  return (
    textIn(structureIn(input, 'InstanceMarketOptions'), 'MarketType') === 'spot' || maxPriceOf(input) !== undefined
  );
}
