import type { FakeAccount } from './account.ts';
import type { FakeFleet } from './fleet.ts';
import type { PolicyQuestion } from './policy.ts';
import { findSubnet, isSpotRequest, pairsIn, tagsFor } from './run-checks.ts';
import { structuresIn, textIn, textsIn, type Structure } from './values.ts';

const accountId = '123456789012';
type Tags = Iterable<readonly [string, string]>;

/**
 * What IAM is asked about one call, by EC2's table of actions, resources and condition keys: each resource on its own, those that a
 * launch makes and those that it uses, and tags at a launch as a matter of their own. All must be permitted.
 */
export function policyQuestions(
  { action, input }: { readonly action: string; readonly input: Structure },
  account: FakeAccount,
  fleet: FakeFleet,
): readonly PolicyQuestion[] {
  const arn = (kind: string, id: string): string => `arn:aws:ec2:${account.region}:${accountId}:${kind}/${id}`;
  const ask = (resource: string, keys: Tags = []): PolicyQuestion => ({
    action: `ec2:${action}`,
    resource,
    keys: new Map(keys),
  });
  const askAboutVms = (ids: readonly string[], keys: Tags = []): readonly PolicyQuestion[] =>
    ids.map((id) => ask(arn('instance', id), [...keyed('aws:ResourceTag', fleet.get(id)?.tags ?? []), ...keys]));
  switch (action) {
    case 'RunInstances':
      return [...used(input, account, arn).map((resource) => ask(resource)), ...made(input, arn)];
    case 'TerminateInstances':
      return askAboutVms(textsIn(input, 'InstanceIds'));
    case 'GetConsoleOutput':
      return askAboutVms([textIn(input, 'InstanceId') ?? '']);
    case 'CreateTags':
      return askAboutVms(textsIn(input, 'Resources'), keyed('aws:RequestTag', pairsIn(input)));
    case 'ImportKeyPair':
      return [ask(arn('key-pair', textIn(input, 'KeyName') ?? ''))];
    default:
      return [ask('*')];
  }
}

/** What a launch uses. */
function used(input: Structure, account: FakeAccount, arn: (kind: string, id: string) => string): readonly string[] {
  const [networkInterface = {}] = structuresIn(input, 'NetworkInterfaces');
  const subnet = findSubnet(account, textIn(networkInterface, 'SubnetId') ?? textIn(input, 'SubnetId'));
  const key = textIn(input, 'KeyName');
  return [
    `arn:aws:ec2:${account.region}::image/${textIn(input, 'ImageId') ?? ''}`,
    arn('subnet', subnet.id),
    ...textsIn(networkInterface, 'Groups').map((id) => arn('security-group', id)),
    ...(key === undefined ? [] : [arn('key-pair', key)]),
  ];
}

/** What a launch makes, and tags. */
function made(input: Structure, arn: (kind: string, id: string) => string): readonly PolicyQuestion[] {
  const kinds = [
    'instance',
    'volume',
    'network-interface',
    ...(isSpotRequest(input) ? ['spot-instances-request'] : []),
  ];
  return kinds.flatMap((kind) => {
    const resource = arn(kind, '*');
    const tags = keyed('aws:RequestTag', tagsFor(input, kind));
    const launch = { action: 'ec2:RunInstances', resource, keys: new Map(tags) };
    if (tags.length === 0) return [launch];
    const keys = new Map([...tags, ['ec2:CreateAction', 'RunInstances'] as const]);
    return [launch, { action: 'ec2:CreateTags', resource, keys }];
  });
}

function keyed(prefix: string, tags: Tags): readonly (readonly [string, string])[] {
  return Array.from(tags, ([key, value]) => [`${prefix}/${key}`, value] as const);
}
