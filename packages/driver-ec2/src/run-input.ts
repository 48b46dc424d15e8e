import { type CreateRequest, type InstanceType, InvalidRequestError, type Tags } from '@drover/spec';
import { type Launch, planLaunches } from './launches.ts';
import { offeringsOf, subnetOf } from './offerings.ts';
import type { Ec2Params } from './params.ts';
import type { RunInstancesCommandInput, SdkInstanceType } from './sdk-subset.ts';

const bytesPerGib = 1024 ** 3;
/** Where the added scratch volume is; the same name as with the reference, so that its images find it. */
const scratchDevice = '/dev/xvdt';

/** What RunInstances is asked. `keyName` undefined: the image brings its key. */
export function runInput(
  request: CreateRequest,
  launch: Launch,
  params: Ec2Params,
  keyName: string | undefined,
): RunInstancesCommandInput {
  const { instanceType, offering, imageId } = request;
  const subnet = subnetOf(offering, params);
  const { iamInstanceProfile: profile } = params;
  return {
    ClientToken: launch.clientToken,
    MinCount: 1,
    MaxCount: launch.tags.length,
    ImageId: imageId,
    InstanceType: sdkInstanceType(instanceType),
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
    UserData: Buffer.from(launch.userData).toString('base64'),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        DeleteOnTermination: true,
        AssociatePublicIpAddress: params.associatePublicIpAddress,
        ...(subnet === undefined ? {} : { SubnetId: subnet }),
        ...(params.securityGroupIds.length === 0 ? {} : { Groups: params.securityGroupIds }),
      },
    ],
    TagSpecifications: tagSpecifications(launch, offering.preemptible),
    ...(keyName === undefined ? {} : { KeyName: keyName }),
    ...(profile === undefined
      ? {}
      : { IamInstanceProfile: profile.startsWith('arn:') ? { Arn: profile } : { Name: profile } }),
    ...scratchVolume(instanceType.addedScratchBytes, params),
    ...(offering.preemptible ? spotMarket(offering.pricePerHour, params) : {}),
  };
}

/** A launch of one VM that EC2 is to check and not to do. */
export function dryLaunch(
  instanceType: InstanceType,
  imageId: string,
  setTags: Tags,
  params: Ec2Params,
): RunInstancesCommandInput {
  const [offering] = offeringsOf(instanceType, params);
  if (offering === undefined) throw new InvalidRequestError(`ec2: ${instanceType.name} has no offering`);
  const one = { createId: 'preflight', count: 1, instanceType, offering, imageId, authorizedKey: '' };
  const request: CreateRequest = { ...one, tags: [setTags], initCommands: [''] };
  const [launch] = planLaunches(request, params);
  if (launch === undefined) throw new InvalidRequestError('ec2: there is nothing to launch');
  return { ...runInput(request, launch, params, undefined), DryRun: true };
}

/** The SDK lists the types of its own day; AWS takes newer ones, so only the form is checked. */
function isSdkInstanceType(name: string): name is SdkInstanceType {
  return /^[a-z0-9-]+\.[a-z0-9-]+$/.test(name);
}

function sdkInstanceType({ name, providerType }: InstanceType): SdkInstanceType {
  if (isSdkInstanceType(providerType)) return providerType;
  throw new InvalidRequestError(`ec2: "${providerType}" is no EC2 instance type`, {
    fix: `set the providerType of "${name}" to one such as m5.large`,
  });
}

function scratchVolume(bytes: number, { ebsType }: Ec2Params): Partial<RunInstancesCommandInput> {
  if (bytes <= 0) return {};
  const Ebs = {
    VolumeSize: Math.ceil(bytes / bytesPerGib),
    VolumeType: ebsType,
    Encrypted: true,
    DeleteOnTermination: true,
  };
  return { BlockDeviceMappings: [{ DeviceName: scratchDevice, Ebs }] };
}

function spotMarket(pricePerHour: number, { spotMaxPrice }: Ec2Params): Partial<RunInstancesCommandInput> {
  return {
    InstanceMarketOptions: {
      MarketType: 'spot',
      SpotOptions: {
        SpotInstanceType: 'one-time',
        InstanceInterruptionBehavior: 'terminate',
        ...(spotMaxPrice ? { MaxPrice: String(pricePerHour) } : {}),
      },
    },
  };
}

/** Everything that comes with a VM carries the common tags, so that what is left over can be found by them. */
function tagSpecifications(launch: Launch, isSpot: boolean): RunInstancesCommandInput['TagSpecifications'] {
  const kinds = isSpot
    ? (['volume', 'network-interface', 'spot-instances-request'] as const)
    : (['volume', 'network-interface'] as const);
  return [
    { ResourceType: 'instance', Tags: toSdkTags(launch.writtenTags) },
    ...kinds.map((ResourceType) => ({ ResourceType, Tags: toSdkTags(launch.commonTags) })),
  ];
}

/** Tags as the API writes them. */
export function toSdkTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
