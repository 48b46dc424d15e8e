import { expect, test } from 'vitest';
import { ec2Params, ec2ParamsJsonSchema } from './params.ts';

test('only the region has no default', () => {
  expect(ec2Params.parse({ region: 'eu-central-1' })).toEqual({
    region: 'eu-central-1',
    subnetId: [],
    securityGroupIds: [],
    associatePublicIpAddress: false,
    connectTo: 'private',
    adminUsername: 'crunch',
    ebsType: 'gp2',
    ebsPrice: 0.1,
    spotMaxPrice: true,
    spotPriceUpdateIntervalMs: 86_400_000,
    instanceTypeQuotaGroups: {},
    keyPairPrefix: 'drover',
  });
});

test('a subnet is one or a list', () => {
  const subnetOf = (subnetId: unknown): unknown => ec2Params.parse({ region: 'us-east-1', subnetId }).subnetId;
  expect(subnetOf('subnet-0a')).toEqual(['subnet-0a']);
  expect(subnetOf(['subnet-0a', 'subnet-0b'])).toEqual(['subnet-0a', 'subnet-0b']);
});

test('all problems are told at once, each with what to write instead', () => {
  const { error } = ec2Params.safeParse({
    region: 'Virginia',
    accessKeyId: '',
    subnetId: ['subnet-0a', 'net-1'],
    securityGroupIds: [],
    associatePublicIpAddress: 'no',
    connectTo: 'both',
    adminUsername: 'Not An Account',
    iamInstanceProfile: '',
    ebsType: 'ssd',
    ebsPrice: -1,
    spotMaxPrice: 3,
    spotPriceUpdateIntervalMs: '1d',
    instanceTypeQuotaGroups: { p5: 7 },
    keyPairPrefix: 'a b',
    endpoint: 'nowhere',
    surprise: true,
  });
  const paths = error?.issues.flatMap((issue) => ('keys' in issue ? issue.keys : issue.path.join('.')));
  expect(new Set(paths)).toEqual(
    new Set([
      'region',
      'accessKeyId',
      'secretAccessKey',
      'subnetId.1',
      'securityGroupIds',
      'associatePublicIpAddress',
      'connectTo',
      'adminUsername',
      'iamInstanceProfile',
      'ebsType',
      'ebsPrice',
      'spotMaxPrice',
      'spotPriceUpdateIntervalMs',
      'instanceTypeQuotaGroups.p5',
      'keyPairPrefix',
      'endpoint',
      'surprise',
    ]),
  );
  for (const { message } of error?.issues ?? [])
    expect(message).toMatch(/write|name|give|use|leave|switches|[Uu]nrecognized key/);
});

test('settings that need each other', () => {
  const pathsOf = (params: Readonly<Record<string, unknown>>): readonly string[] =>
    (ec2Params.safeParse({ region: 'us-east-1', ...params }).error?.issues ?? []).map((issue) => issue.path.join('.'));
  expect(pathsOf({ accessKeyId: 'AKIA' })).toEqual(['secretAccessKey']);
  expect(pathsOf({ secretAccessKey: 'x' })).toEqual(['accessKeyId']);
  expect(pathsOf({ sessionToken: 'x' })).toEqual(['sessionToken']);
  expect(pathsOf({ connectTo: 'public' })).toEqual(['connectTo']);
  expect(pathsOf({ connectTo: 'public', associatePublicIpAddress: true })).toEqual([]);
  expect(pathsOf({ accessKeyId: 'AKIA', secretAccessKey: 'x', sessionToken: 'y' })).toEqual([]);
  // Also beside a problem of another kind.
  expect(pathsOf({ accessKeyId: 'AKIA', ebsType: 'ssd' })).toEqual(['ebsType', 'secretAccessKey']);
});

test('the JSON schema describes every parameter, marks the secrets and requires the region alone', () => {
  expect(ec2ParamsJsonSchema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['region'],
  });
  const properties = Object.entries(Object(ec2ParamsJsonSchema['properties']));
  for (const [, property] of properties) expect(property).toMatchObject({ description: expect.any(String) });
  const secrets = properties.filter(([, property]) => Object(property)['writeOnly'] === true).map(([name]) => name);
  expect(secrets).toEqual(['accessKeyId', 'secretAccessKey', 'sessionToken']);
});
