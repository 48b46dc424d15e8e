import { ArmError, type FakeAzureOptions } from '@drover/fake-clouds/azure';
import type { CheckResult, InstanceType, PreflightRequest } from '@drover/spec';
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { authorizedKey, call, credential, instanceType, newWorld, type OpenOptions } from './azure-world.ts';

const spot: InstanceType = { ...instanceType, name: 'small.spot', preemptible: true };
const wanted: PreflightRequest = { instanceTypes: [instanceType, spot], imageId: 'worker', authorizedKey };

/** What the checks find in a world that is made so. */
async function checks(
  options: {
    readonly fake?: Partial<FakeAzureOptions>;
    readonly open?: OpenOptions;
    readonly request?: Partial<PreflightRequest>;
  } = {},
): Promise<readonly CheckResult[]> {
  const world = await newWorld({ ...options.fake });
  const set = await world.open(options.open);
  const results = await set.preflight?.({ ...wanted, ...options.request }, call());
  // Nothing that a check does may create or change anything.
  expect(world.fake.calls.filter((made) => !made.startsWith('GET '))).toEqual([]);
  return results ?? [];
}

/** Those that are not well. */
function complaints(results: readonly CheckResult[]): readonly CheckResult[] {
  return results.filter(({ outcome }) => outcome !== 'ok');
}

test('where all is well every subject is looked at and says so', async () => {
  const results = await checks();
  expect(complaints(results)).toEqual([]);
  const subjects = ['clock', 'credentials', 'image', 'key', 'network', 'permissions', 'quota', 'types'];
  expect([...new Set(results.map(({ subject }) => subject))].toSorted()).toEqual(subjects);
});

test.each([
  ['the subnet', { subnet: 'nowhere' }, 'network', 'driver.subnet'],
  ['free addresses', { subnet: 'tiny' }, 'network', 'driver.subnet'],
  [
    'the gallery version',
    { sharedImageGalleryName: 'shared', sharedImageGalleryImageVersion: '9.9.9' },
    'image',
    'pool.imageId',
  ],
])('%s is missing', async (_what, params, subject, setting) => {
  const found = complaints(await checks({ open: { params } }));
  expect(found).toMatchObject([{ subject, outcome: 'failed', setting, fix: expect.any(String) }]);
});

test('an image of the gallery and one of the marketplace', async () => {
  const params = { sharedImageGalleryName: 'shared', sharedImageGalleryImageVersion: '1.2.3' };
  expect(complaints(await checks({ open: { params } }))).toEqual([]);
  const request = { imageId: 'Canonical:ubuntu-24_04-lts:server:latest' };
  expect(complaints(await checks({ request }))).toMatchObject([{ subject: 'image', outcome: 'skipped' }]);
  const missing = complaints(await checks({ request: { imageId: 'nothing' } }));
  expect(missing).toMatchObject([{ subject: 'image', outcome: 'failed', setting: 'pool.imageId' }]);
});

test.each([
  [{ ...instanceType, providerType: 'Standard_X99' }, 'failed', 'instanceTypes.small'],
  [{ ...instanceType, providerType: 'Standard_NC24ads_A100_v4', vcpus: 24 }, 'failed', 'instanceTypes.small'],
  [{ ...instanceType, vcpus: 4 }, 'warning', 'instanceTypes.small.vcpus'],
])('an instance type that Azure does not have as configured: %j', async (type, outcome, setting) => {
  const found = complaints(await checks({ request: { instanceTypes: [type] } }));
  expect(found.filter(({ subject }) => subject === 'types')[0]).toMatchObject({ outcome, setting });
});

test('a zone that does not offer a size is a warning', async () => {
  const instanceTypes = [{ ...instanceType, providerType: 'Standard_E8ds_v5', vcpus: 8 }];
  const found = complaints(await checks({ open: { params: { zones: ['1', '2'] } }, request: { instanceTypes } }));
  expect(found).toMatchObject([{ subject: 'types', outcome: 'warning', setting: 'driver.zones' }]);
});

test.each([
  [{ standardDSv3Family: 1, cores: 60, lowPriorityCores: 20 }, 'standardDSv3Family'],
  [{ standardDSv3Family: 40, cores: 0, lowPriorityCores: 20 }, 'cores'],
  [{ standardDSv3Family: 40, cores: 60, lowPriorityCores: 0 }, 'lowPriorityCores'],
])('a quota too small for one VM: %j', async (quotas, name) => {
  const found = complaints(await checks({ fake: { quotas } }));
  expect(found).toMatchObject([{ subject: 'quota', outcome: 'failed', message: expect.stringContaining(name) }]);
});

test.each([
  [
    'wrong subscription',
    { params: { subscriptionId: '00000000-0000-0000-0000-000000000000' } },
    'driver.subscriptionId',
  ],
  ['wrong resource group', { params: { resourceGroup: 'nowhere' } }, 'driver.resourceGroup'],
  ['a token that is not taken', { driver: { credential: credential('old') } }, 'driver.tenantId'],
])('%s: said at once, and nothing else is asked', async (_what, open, setting) => {
  const found = complaints(await checks({ open }));
  expect(found).toMatchObject([
    { subject: 'credentials', outcome: 'failed', setting, fix: expect.stringContaining(setting) },
  ]);
});

test('what may not be looked at is skipped and said', async () => {
  const actions = ['Microsoft.Compute/virtualMachines/read'];
  const outcomes = new Map((await checks({ fake: { actions } })).map(({ subject, outcome }) => [subject, outcome]));
  expect(Object.fromEntries(outcomes)).toMatchObject({
    credentials: 'ok',
    permissions: 'skipped',
    types: 'skipped',
    quota: 'skipped',
    image: 'skipped',
    network: 'skipped',
    key: 'ok',
  });
});

test('missing permissions are named', async () => {
  const actions = [
    'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Authorization/permissions/read',
    'Microsoft.Compute/virtualMachines/write',
  ];
  const found = (await checks({ fake: { actions } })).filter(({ subject }) => subject === 'permissions');
  expect(found.map(({ setting }) => setting)).toEqual([
    'driver.resourceGroup',
    'driver.networkResourceGroup',
    'driver.imageResourceGroup',
  ]);
  expect(found[0]?.message).toContain('Microsoft.Compute/virtualMachines/delete');
  expect(found[0]?.message).not.toContain('virtualMachines/write');
});

test.each([
  [20_000, 'ok'],
  [-90_000, 'warning'],
  [600_000, 'failed'],
])('a clock that is %d ms off', async (jumpWallMs, outcome) => {
  const world = await newWorld();
  const set = await world.open();
  // The fake's answer carries another time than the driver's clock.
  const date = new Date(world.clock.wallMs() + jumpWallMs).toUTCString();
  const answer = { status: 200, headers: { date, 'content-type': 'application/json' }, body: '{"value":[]}' };
  world.fake.inject({ on: 'GET microsoft.compute/virtualmachines[]', answer });
  const results = await set.preflight?.(wanted, call());
  expect(results?.find(({ subject }) => subject === 'clock')).toMatchObject({ outcome });
});

test.each([
  ['', 'ssh.privateKey'],
  ['ecdsa-sha2-nistp256 AAAA', 'ssh.privateKey'],
  [rsaKey(1024), 'ssh.privateKey'],
])('a key that Azure does not take', async (key, setting) => {
  const found = complaints(await checks({ request: { authorizedKey: key } }));
  expect(found).toMatchObject([{ subject: 'key', outcome: 'failed', setting }]);
});

test('an RSA key that is long enough', async () => {
  expect(complaints(await checks({ request: { authorizedKey: rsaKey(2048) } }))).toEqual([]);
});

test('an outage fails the checks, and a deadline ends them', async () => {
  const world = await newWorld();
  const set = await world.open();
  world.fake.inject({ answer: new ArmError(503, 'ServiceUnavailable', 'The service is unavailable.') });
  expect(await set.preflight?.(wanted, call())).toContainEqual(
    expect.objectContaining({ subject: 'credentials', outcome: 'failed' }),
  );
  world.fake.heal();
  world.fake.inject({ answer: 'hang' });
  await expect(set.preflight?.(wanted, { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({
    code: 'CLOUD_TRANSIENT',
  });
});

/** An OpenSSH public key of so many bits (RFC 4253, 6.6). */
function rsaKey(modulusLength: number): string {
  const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
  const fields = [
    Buffer.from('ssh-rsa'),
    Buffer.from(e, 'base64url'),
    Buffer.concat([Buffer.of(0), Buffer.from(n, 'base64url')]),
  ];
  const framed = fields.map((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return Buffer.concat([length, field]);
  });
  return `ssh-rsa ${Buffer.concat(framed).toString('base64')} somebody`;
}
