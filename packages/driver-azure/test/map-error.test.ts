import { ArmError, type FakeAzure, fakeAzureParams, overQuota, tooManyRequests } from '@drover/fake-clouds/azure';
import { CapacityError, type DroverError } from '@drover/spec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapError } from '../src/map-error.ts';
import { type AzureClients, openClients } from '../src/open-clients.ts';
import { azureParams } from '../src/params.ts';
import type { VmParameters } from '../src/sdk-subset.ts';
import { type AzureWorld, credential, newWorld } from './azure-world.ts';

/** All errors here come out of the real SDK, which got Azure's own bodies over a socket. */
let world: AzureWorld;
let fake: FakeAzure;
let clients: AzureClients;

const nowMs = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  world = await newWorld({ keep: true });
  fake = world.fake;
  clients = await openClients(azureParams.parse({ ...fakeAzureParams, endpoint: fake.url }), {
    ca: fake.ca,
    credential: credential(),
  });
});

afterAll(async () => {
  await world.dispose();
});

const options = { ifNoneMatch: '*' };
const json = { 'content-type': 'application/json' };

/** What the SDK throws when Azure answers a create with this. */
async function errorOf(answer: ArmError): Promise<unknown> {
  fake.inject({ answer, times: 1 });
  const poller = clients.compute.virtualMachines.createOrUpdate('vms', 'vm', emptyVm, options);
  return poller.submitted().then(
    () => new Error('it was to fail'),
    (error: unknown) => error,
  );
}

/** What the SDK throws when Azure accepts a create and it fails later. */
async function lateErrorOf(failure: ArmError): Promise<unknown> {
  const operations = `${fake.url}/subscriptions/${fakeAzureParams.subscriptionId}/providers/Microsoft.Compute/locations/x/operations`;
  const accepted = {
    status: 201,
    headers: { ...json, 'azure-asyncoperation': `${operations}/1?api-version=2026-04-01` },
    body: JSON.stringify({ location: 'centralus', properties: { provisioningState: 'Creating' } }),
  };
  const failed = { status: 200, headers: json, body: JSON.stringify({ status: 'Failed', ...failure.body }) };
  fake.inject({ on: 'PUT microsoft.compute/virtualmachines', answer: accepted, times: 1 });
  fake.inject({ on: 'GET microsoft.compute/locations/operations', answer: failed, times: 1 });
  const poller = clients.compute.virtualMachines.createOrUpdate('vms', 'vm', emptyVm, options);
  await poller.submitted();
  return poller.poll().catch((error: unknown) => error);
}

const emptyVm: VmParameters = {
  location: 'centralus',
  tags: {},
  hardwareProfile: { vmSize: 'Standard_D2s_v3' },
  storageProfile: {
    imageReference: { id: 'image' },
    osDisk: {
      name: 'd',
      createOption: 'FromImage',
      deleteOption: 'Delete',
      managedDisk: { storageAccountType: 'Standard_LRS' },
    },
  },
  osProfile: {
    computerName: 'vm',
    adminUsername: 'u',
    customData: '',
    linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys: [] } },
  },
  networkProfile: { networkApiVersion: '2022-11-01', networkInterfaceConfigurations: [] },
};

const text = 'Azure says why, at some length.';
const family = overQuota('standardDSv3Family Cores', 'centralus', 10, 10, 2);
const regional = overQuota('Total Regional Cores', 'centralus', 10, 10, 2);
const spot = overQuota('LowPriorityCores', 'centralus', 10, 10, 2);

const imageMissing = new ArmError(
  404,
  'NotFound',
  "The Image '/subscriptions/s/x' cannot be found in 'centralus' region.",
);
const badKey = new ArmError(
  400,
  'InvalidParameter',
  'The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.',
  {
    target: 'linuxConfiguration.ssh.publicKeys.keyData',
  },
);
const subnetMissing = new ArmError(
  400,
  'InvalidResourceReference',
  'Resource /subscriptions/s/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/x referenced by resource y was not found.',
);

/** Answer → code, scope of a capacity error, setting that the fix names. */
const table: readonly (readonly [string, ArmError, DroverError['code'], string?])[] = [
  ['429 of Resource Manager', new ArmError(429, 'SubscriptionRequestsThrottled', text), 'CLOUD_RATE_LIMIT'],
  ['429 of Compute', tooManyRequests('2026-01-01T00:01:00Z'), 'CLOUD_RATE_LIMIT'],
  [
    '429 that another operation causes',
    new ArmError(429, 'RetryableErrorDueToAnotherOperation', text),
    'CLOUD_TRANSIENT',
  ],
  ['409 conflict', new ArmError(409, 'Conflict', text), 'CLOUD_TRANSIENT'],
  ['409 another operation', new ArmError(409, 'AnotherOperationInProgress', text), 'CLOUD_TRANSIENT'],
  ['412', new ArmError(412, 'PreconditionFailed', text), 'CLOUD_TRANSIENT'],
  ['500', new ArmError(500, 'InternalServerError', text), 'CLOUD_TRANSIENT'],
  ['502 without a body of Azure', new ArmError(502, 'BadGateway', text), 'CLOUD_TRANSIENT'],
  ['503', new ArmError(503, 'ServiceUnavailable', text), 'CLOUD_TRANSIENT'],
  [
    '503 with Retry-After',
    new ArmError(503, 'ServerBusy', text, { headers: { 'retry-after': '5' } }),
    'CLOUD_RATE_LIMIT',
  ],
  ['504', new ArmError(504, 'GatewayTimeout', text), 'CLOUD_TRANSIENT'],
  ['spot cores', spot, 'CLOUD_CAPACITY', 'quota-group'],
  ['cores of a family', family, 'CLOUD_CAPACITY', 'quota-group'],
  [
    'cores of a family, newer code',
    new ArmError(409, 'QuotaExceeded', family.message),
    'CLOUD_CAPACITY',
    'quota-group',
  ],
  ['cores of the region', regional, 'CLOUD_QUOTA'],
  [
    'a quota increase is needed',
    new ArmError(409, 'OperationNotAllowed', 'Submit a request for Quota increase.'),
    'CLOUD_QUOTA',
  ],
  ['QuotaExceeded', new ArmError(400, 'QuotaExceeded', text), 'CLOUD_QUOTA'],
  ['ResourceQuotaExceeded', new ArmError(400, 'ResourceQuotaExceeded', text), 'CLOUD_QUOTA'],
  ['network interfaces', new ArmError(400, 'NetworkInterfaceCountLimitReached', text), 'CLOUD_QUOTA'],
  ['public addresses', new ArmError(400, 'PublicIPCountLimitReached', text), 'CLOUD_QUOTA'],
  [
    'a limit that is no quota',
    new ArmError(409, 'OperationNotAllowed', 'The limit of data disks of this size is 4.'),
    'CLOUD_INVALID_REQUEST',
  ],
  ['zone sold out', new ArmError(409, 'ZonalAllocationFailed', text), 'CLOUD_CAPACITY', 'offering'],
  [
    'zone overconstrained',
    new ArmError(409, 'OverconstrainedZonalAllocationRequest', text),
    'CLOUD_CAPACITY',
    'offering',
  ],
  ['sold out', new ArmError(409, 'AllocationFailed', text), 'CLOUD_CAPACITY', 'instance-type'],
  ['overconstrained', new ArmError(409, 'OverconstrainedAllocationRequest', text), 'CLOUD_CAPACITY', 'instance-type'],
  ['not sold to this subscription', new ArmError(409, 'SkuNotAvailable', text), 'CLOUD_CAPACITY', 'instance-type'],
  ['spot too dear', new ArmError(409, 'SpotPriceGreaterThanProvidedMaxPrice', text), 'CLOUD_CAPACITY', 'instance-type'],
  ['subnet too small', new ArmError(400, 'InsufficientSubnetSize', text), 'CLOUD_QUOTA', 'driver.subnet'],
  ['subnet full', new ArmError(400, 'SubnetIsFull', text), 'CLOUD_QUOTA', 'driver.subnet'],
  ['invalid parameter', new ArmError(400, 'InvalidParameter', text), 'CLOUD_INVALID_REQUEST'],
  ['key type', badKey, 'CLOUD_INVALID_REQUEST', 'ssh.privateKey'],
  [
    'custom data',
    new ArmError(400, 'InvalidParameter', text, { target: 'customData' }),
    'CLOUD_INVALID_REQUEST',
    'pool.instanceInitCommand',
  ],
  [
    'VM size',
    new ArmError(400, 'InvalidParameter', text, { target: 'vmSize' }),
    'CLOUD_INVALID_REQUEST',
    'providerType',
  ],
  [
    'user name',
    new ArmError(400, 'InvalidParameter', text, { target: 'adminUsername' }),
    'CLOUD_INVALID_REQUEST',
    'driver.adminUsername',
  ],
  ['no image', new ArmError(404, 'ImageNotFound', text), 'CLOUD_INVALID_REQUEST', 'pool.imageId'],
  ['no managed image', imageMissing, 'CLOUD_INVALID_REQUEST', 'pool.imageId'],
  ['no gallery image', new ArmError(404, 'GalleryImageNotFound', text), 'CLOUD_INVALID_REQUEST', 'pool.imageId'],
  ['no subnet', subnetMissing, 'CLOUD_INVALID_REQUEST', 'driver.subnet'],
  [
    'no spot in this subscription',
    new ArmError(400, 'AzureSpotFeatureNotEnabledForSubscription', text),
    'CLOUD_INVALID_REQUEST',
    'preemptible',
  ],
  ['no spot in this size', new ArmError(400, 'VMSizeDoesNotSupportSpot', text), 'CLOUD_INVALID_REQUEST', 'preemptible'],
  [
    'wrong region',
    new ArmError(400, 'LocationNotAvailableForResourceType', text),
    'CLOUD_INVALID_REQUEST',
    'driver.location',
  ],
  [
    'no resource group',
    new ArmError(404, 'ResourceGroupNotFound', text),
    'CLOUD_INVALID_REQUEST',
    'driver.resourceGroup',
  ],
  [
    'no subscription',
    new ArmError(404, 'SubscriptionNotFound', text),
    'CLOUD_INVALID_REQUEST',
    'driver.subscriptionId',
  ],
  ['policy', new ArmError(403, 'RequestDisallowedByPolicy', text), 'CLOUD_INVALID_REQUEST', 'Azure Policy'],
  ['token expired', new ArmError(401, 'ExpiredAuthenticationToken', text), 'CLOUD_AUTH', 'driver.clientSecret'],
  ['token invalid', new ArmError(401, 'InvalidAuthenticationToken', text), 'CLOUD_AUTH', 'driver.clientSecret'],
  ['permission missing', new ArmError(403, 'AuthorizationFailed', text), 'CLOUD_AUTH', 'drover driver permissions'],
  [
    'permission for the subnet missing',
    new ArmError(403, 'LinkedAuthorizationFailed', text),
    'CLOUD_AUTH',
    'driver.subnet',
  ],
  ['no VM', new ArmError(404, 'ResourceNotFound', text), 'CLOUD_NOT_FOUND'],
  ['another 400', new ArmError(400, 'SomethingNew', text), 'CLOUD_INVALID_REQUEST'],
];

type Row = (typeof table)[number];

function asArguments([title, answer, code, more]: Row) {
  return { title, answer, code, more };
}

function expectMapped(error: DroverError, code: DroverError['code'], more: string | undefined): void {
  const detail = error instanceof CapacityError ? error.scope : (error.fix ?? '');
  expect({ code: error.code, detail }).toEqual({ code, detail: expect.stringContaining(more ?? '') });
}

test.each(table.map(asArguments))('$title', async ({ answer, code, more }) => {
  const cause = await errorOf(answer);
  const error = mapError(cause, { doing: 'create vm', nowMs });
  expectMapped(error, code, more);
  expect(error.cause).toBe(cause);
  expect(error.message).toBe(`azure: cannot create vm: ${answer.code}: ${answer.message}`);
});

/** The same codes when Azure accepted first: all is in the text of a bare error. */
const lateTable: readonly Row[] = [
  [
    'sold out',
    new ArmError(0, 'AllocationFailed', 'Allocation failed. Not enough capacity.'),
    'CLOUD_CAPACITY',
    'instance-type',
  ],
  ['zone sold out', new ArmError(0, 'ZonalAllocationFailed', text), 'CLOUD_CAPACITY', 'offering'],
  [
    'spot evicted at birth',
    new ArmError(0, 'OverconstrainedAllocationRequest', text),
    'CLOUD_CAPACITY',
    'instance-type',
  ],
  ['cores of a family', new ArmError(0, 'OperationNotAllowed', family.message), 'CLOUD_CAPACITY', 'quota-group'],
  ['cores of the region', new ArmError(0, 'OperationNotAllowed', regional.message), 'CLOUD_QUOTA'],
  ['subnet full', new ArmError(0, 'SubnetIsFull', text), 'CLOUD_QUOTA', 'driver.subnet'],
  ['no image', new ArmError(0, 'ImageNotFound', text), 'CLOUD_INVALID_REQUEST', 'pool.imageId'],
  ['no answer of the system', new ArmError(0, 'OSProvisioningTimedOut', text), 'CLOUD_TRANSIENT'],
  ['a fault inside', new ArmError(0, 'InternalExecutionError', text), 'CLOUD_TRANSIENT'],
  ['permission for the subnet', new ArmError(0, 'LinkedAuthorizationFailed', text), 'CLOUD_AUTH'],
];

test.each(lateTable.map(asArguments))('after it was accepted: $title', async ({ answer: failure, code, more }) => {
  const cause = await lateErrorOf(failure);
  // Should the SDK ever say it in another way, this tells.
  expect(String(cause)).toBe(`Error: The long-running operation has failed. ${failure.code}. ${failure.message}`);
  expectMapped(mapError(cause, { doing: 'create vm', nowMs }), code, more);
});

test('in a zone, what is sold out may be had in another one', () => {
  const error = new Error('The long-running operation has failed. SkuNotAvailable. Not here.');
  expect(mapError(error, { doing: 'create vm', nowMs, inZone: true })).toMatchObject({ scope: 'offering' });
});

test.each([
  ['the header', tooManyRequests('2026-01-01T00:01:00Z', 17), 17_000],
  ['the end of the period in the details', tooManyRequests('2026-01-01T00:00:40Z'), 40_000],
  ['nobody, so a minute', new ArmError(429, 'TooManyRequests', text), 60_000],
  [
    'a date in the header',
    new ArmError(429, 'TooManyRequests', text, { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' } }),
    30_000,
  ],
])('how long to wait is told by %s', async (_title, answer, retryAfterMs) => {
  expect(mapError(await errorOf(answer), { doing: 'x', nowMs })).toMatchObject({ retryAfterMs });
});

test('a connection that breaks, an answer that is no JSON, and what is no error at all may pass', async () => {
  fake.inject({ answer: 'reset', times: 1 });
  const reset = clients.compute.virtualMachines.get('vms', 'vm', {}).catch((error: unknown) => error);
  fake.inject({ answer: { status: 502, body: '<html>Bad Gateway</html>' }, times: 1 });
  const html = clients.compute.virtualMachines.get('vms', 'vm', {}).catch((error: unknown) => error);
  for (const error of [await reset, await html, 'text', undefined])
    expect(mapError(error, { doing: 'x', nowMs }).code).toBe('CLOUD_TRANSIENT');
});
