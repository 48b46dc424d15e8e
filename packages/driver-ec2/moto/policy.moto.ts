import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { permissionPolicy } from '../src/permissions.ts';
import {
  call,
  create,
  motoParams,
  type MotoRegion,
  motoRegion,
  motoUrl,
  newSetId,
  openSet,
  request,
  tagsOf,
} from './moto-world.ts';

/** Makes a user with a policy, by moto's own client; prints the user's keys. */
const makeUser = `
import boto3, json, sys
iam = boto3.client('iam', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='AKIAMOTO', aws_secret_access_key='moto')
iam.create_user(UserName=sys.argv[2])
iam.put_user_policy(UserName=sys.argv[2], PolicyName='drover', PolicyDocument=sys.argv[3])
key = iam.create_access_key(UserName=sys.argv[2])['AccessKey']
print(json.dumps({'accessKeyId': key['AccessKeyId'], 'secretAccessKey': key['SecretAccessKey']}))
`;

let region: MotoRegion;
beforeAll(async () => {
  region = await motoRegion();
});
afterAll(() => enforceAfter(1_000_000_000));

/** moto looks at permissions from so many calls on. */
async function enforceAfter(calls: number): Promise<void> {
  const answer = await fetch(`${motoUrl}/moto-api/reset-auth`, { method: 'POST', body: `${calls}` });
  if (!answer.ok) throw new Error(`moto answers ${answer.status}`);
}

async function keysOf(userName: string, document: unknown): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  await enforceAfter(1_000_000_000);
  const python = process.env['DROVER_MOTO_PYTHON'] ?? 'python3';
  const args = ['-c', makeUser, motoUrl, userName, JSON.stringify(document)];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const keys: unknown = JSON.parse(stdout);
  await enforceAfter(0);
  return { accessKeyId: String(Object(keys)['accessKeyId']), secretAccessKey: String(Object(keys)['secretAccessKey']) };
}

/** moto knows no resources and no conditions: it gets the policy with every resource opened, so that the actions are what is tried. */
function withOpenResources(without?: string): unknown {
  const { document } = permissionPolicy(motoParams({ endpoint: motoUrl }), {
    instanceSetId: 'any',
    tagKeyPrefix: 'Arvados',
  });
  const statements: unknown = document['Statement'];
  if (!Array.isArray(statements)) throw new Error('a policy has statements');
  const opened = statements.map((statement: unknown) => {
    const actions: unknown = Object(statement)['Action'];
    if (!Array.isArray(actions)) throw new Error('a statement has actions');
    return { Effect: 'Allow', Action: actions.filter((action) => action !== `ec2:${without}`), Resource: '*' };
  });
  return { ...document, Statement: opened.filter((statement) => statement.Action.length > 0) };
}

/** Does everything that the driver does; gives the codes of what was refused. */
async function wholeLife(userName: string, without?: string): Promise<ReadonlySet<string>> {
  const keys = await keysOf(userName, withOpenResources(without));
  const setId = newSetId();
  const params = motoParams(
    { endpoint: motoUrl, ...keys },
    { subnetId: [...region.subnetIds], securityGroupIds: region.groupId },
  );
  const set = await openSet(params, setId);
  const codes = new Set<string>();
  const attempt = async (work: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await work();
    } catch (error) {
      codes.add(String(Object(error)['code']));
      return undefined;
    }
  };
  const wanted = request(set, region, { createId: newSetId(), setId });
  await attempt(() => create(set, wanted));
  await attempt(async () => {
    const { instances } = await set.list(tagsOf(setId), call());
    for (const vm of instances) {
      await attempt(() => set.describe(vm.id, call()));
      await attempt(() => set.setTags(vm, { ArvadosIdleBehavior: 'hold' }, call()));
      await attempt(async () => set.hostKeys?.(vm.id, call()));
      await attempt(() => set.destroy(vm, call()));
    }
  });
  const { authorizedKey, imageId } = wanted;
  const checks =
    (await set.preflight?.({ instanceTypes: [wanted.instanceType], imageId, authorizedKey }, call())) ?? [];
  for (const { subject, outcome, message } of checks)
    if (outcome === 'failed' && /AccessDenied|UnauthorizedOperation/.test(message)) codes.add(`preflight ${subject}`);
  await set.close();
  return codes;
}

test('the printed policy is enough for everything', async () => {
  expect(await wholeLife('whole')).toEqual(new Set());
});

test.each([
  'RunInstances',
  'CreateTags',
  'TerminateInstances',
  'GetConsoleOutput',
  'ImportKeyPair',
  'DescribeInstances',
  'DescribeKeyPairs',
])('without %s something is refused, as a matter of permissions', async (action) => {
  expect(await wholeLife(`without-${action}`, action)).toContain('CLOUD_AUTH');
});

test.each(['DescribeImages', 'DescribeSubnets', 'DescribeSecurityGroups', 'DescribeInstanceTypeOfferings'])(
  'without %s the look at the account says so',
  async (action) => {
    const refused = await wholeLife(`without-${action}`, action);
    expect([...refused].filter((code) => code.startsWith('preflight'))).toHaveLength(1);
  },
);
