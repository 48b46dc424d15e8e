import { expect, test } from 'vitest';
import { ec2Params } from './params.ts';
import { permissionPolicy } from './permissions.ts';

const context = { instanceSetId: 'set-a', tagKeyPrefix: 'Arvados' };

function statementsOf(
  params: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const { document } = permissionPolicy(ec2Params.parse(params), context);
  const statements: unknown = document['Statement'];
  if (!Array.isArray(statements)) throw new Error('a policy has statements');
  return new Map(statements.map((statement) => [String(Object(statement)['Sid']), Object(statement)]));
}

test('what changes something is confined to what carries the tag of the set', () => {
  const statements = statementsOf({ region: 'us-east-1' });
  expect(statements.get('LaunchWithTag')).toMatchObject({
    Action: ['ec2:RunInstances'],
    Condition: { StringEquals: { 'aws:RequestTag/ArvadosInstanceSetID': 'set-a' } },
  });
  expect(statements.get('OwnInstances')).toMatchObject({
    Action: ['ec2:TerminateInstances', 'ec2:CreateTags', 'ec2:GetConsoleOutput'],
    Resource: ['arn:aws:ec2:us-east-1:*:instance/*'],
    Condition: { StringEquals: { 'aws:ResourceTag/ArvadosInstanceSetID': 'set-a' } },
  });
  for (const statement of statements.values()) expect(JSON.stringify(statement['Action'])).not.toContain('*');
});

test('it names what the configuration names, in the partition of the region', () => {
  const statements = statementsOf({
    region: 'cn-north-1',
    subnetId: 'subnet-0a',
    securityGroupIds: 'sg-0a',
    iamInstanceProfile: 'arn:aws-cn:iam::123456789012:instance-profile/worker',
  });
  expect(statements.get('LaunchFrom')).toMatchObject({
    Resource: [
      'arn:aws-cn:ec2:cn-north-1::image/*',
      'arn:aws-cn:ec2:cn-north-1:*:key-pair/*',
      'arn:aws-cn:ec2:cn-north-1:*:subnet/subnet-0a',
      'arn:aws-cn:ec2:cn-north-1:*:security-group/sg-0a',
    ],
  });
  expect(statements.get('PassRole')).toMatchObject({ Resource: ['arn:aws-cn:iam::123456789012:role/*'] });
  expect(statementsOf({ region: 'us-east-1' }).has('PassRole')).toBe(false);
});
