import type { DriverContext, PermissionPolicy } from '@drover/spec';
import type { Ec2Params } from './params.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Kinds of resource that a launch makes. */
const made = ['instance', 'volume', 'network-interface', 'spot-instances-request'];

/** The least privileges of one dispatcher, as an IAM policy: what it may change carries the tag of its instance set. */
export function permissionPolicy(
  params: Ec2Params,
  { instanceSetId, tagKeyPrefix }: Pick<DriverContext, 'instanceSetId' | 'tagKeyPrefix'>,
): PermissionPolicy {
  const { region, iamInstanceProfile } = params;
  const arn = (kind: string, name = '*'): string => `arn:${partitionOf(region)}:ec2:${region}:*:${kind}/${name}`;
  const setTag = `${tagKeyPrefix}InstanceSetID`;
  const statements: readonly Statement[] = [
    lookStatement,
    {
      Sid: 'LaunchFrom',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: [
        `arn:${partitionOf(region)}:ec2:${region}::image/*`,
        arn('key-pair'),
        ...namedOrAll(params.subnetId, (id) => arn('subnet', id)),
        ...namedOrAll(params.securityGroupIds, (id) => arn('security-group', id)),
      ],
    },
    {
      Sid: 'LaunchWithTag',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: made.map((kind) => arn(kind)),
      Condition: { StringEquals: { [`aws:RequestTag/${setTag}`]: instanceSetId } },
    },
    {
      Sid: 'TagAtLaunch',
      Effect: 'Allow',
      Action: ['ec2:CreateTags'],
      Resource: made.map((kind) => arn(kind)),
      Condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
    },
    {
      Sid: 'OwnInstances',
      Effect: 'Allow',
      Action: ['ec2:TerminateInstances', 'ec2:CreateTags', 'ec2:GetConsoleOutput'],
      Resource: [arn('instance')],
      Condition: { StringEquals: { [`aws:ResourceTag/${setTag}`]: instanceSetId } },
    },
    {
      Sid: 'KeyPair',
      Effect: 'Allow',
      Action: ['ec2:ImportKeyPair'],
      Resource: [arn('key-pair', `${params.keyPairPrefix}-*`)],
    },
    spotStatement(region),
    ...(iamInstanceProfile === undefined ? [] : [passRoleStatement(iamInstanceProfile, region)]),
  ];
  return { kind: 'IAM policy', document: { Version: '2012-10-17', Statement: statements }, notes: notesFor(params) };
}

/** None of these can be confined to single resources. */
const lookStatement: Statement = {
  Sid: 'Look',
  Effect: 'Allow',
  Action: [
    'ec2:DescribeImages',
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceTypeOfferings',
    'ec2:DescribeKeyPairs',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSpotPriceHistory',
    'ec2:DescribeSubnets',
  ],
  Resource: ['*'],
};

function spotStatement(region: string): Statement {
  const service = 'spot.amazonaws.com';
  return {
    Sid: 'FirstSpot',
    Effect: 'Allow',
    Action: ['iam:CreateServiceLinkedRole'],
    Resource: [`arn:${partitionOf(region)}:iam::*:role/aws-service-role/${service}/AWSServiceRoleForEC2Spot`],
    Condition: { StringEquals: { 'iam:AWSServiceName': service } },
  };
}

/** The profile says only through IAM which role is in it. */
function passRoleStatement(profile: string, region: string): Statement {
  const account = /^arn:[^:]+:iam::(\d+):/.exec(profile)?.[1] ?? '*';
  return {
    Sid: 'PassRole',
    Effect: 'Allow',
    Action: ['iam:PassRole'],
    Resource: [`arn:${partitionOf(region)}:iam::${account}:role/*`],
    Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  };
}

function notesFor({ iamInstanceProfile, subnetId, securityGroupIds }: Ec2Params): readonly string[] {
  return [
    'Attach it to the user or the role whose credentials drover has.',
    'FirstSpot may be left out when the account has had a spot instance before, or there are no preemptible types.',
    'LaunchFrom may name the image of pool.imageId, and the key pair, instead of all.',
    ...(subnetId.length > 0 && securityGroupIds.length > 0
      ? []
      : ['LaunchFrom is wider than it need be: name driver.subnetId and driver.securityGroupIds, and print it again.']),
    ...(iamInstanceProfile === undefined
      ? []
      : ['PassRole should name the role of the instance profile instead of all.']),
  ];
}

function namedOrAll(ids: readonly string[], arnOf: (id: string) => string): readonly string[] {
  return ids.length === 0 ? [arnOf('*')] : ids.map(arnOf);
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
