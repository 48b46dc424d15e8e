import { CapacityError, type DroverError, type InstanceSet, RateLimitError } from '@drover/spec';
import { Ec2Fault } from '@drover/fake-clouds/ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapError } from '../src/map-error.ts';
import { call, type Ec2World, newWorld, request, subnets } from './ec2-world.ts';

/** What an error is to become: with one subnet, and with another to try where that is something else. */
type Row = readonly [code: string, status: number, message: string, alone: string, withOthers?: string];

const auth = 'CLOUD_AUTH';
const invalid = 'CLOUD_INVALID_REQUEST';
const limit = 'CLOUD_RATE_LIMIT';
const quota = 'CLOUD_QUOTA';
const passing = 'CLOUD_TRANSIENT';
const ofOffering = 'CLOUD_CAPACITY offering';
const ofType = 'CLOUD_CAPACITY instance-type';
const ofGroup = 'CLOUD_CAPACITY quota-group';

/** Status and messages as AWS sends them, as far as they are known; the code decides unless the name of the row says otherwise. */
const rows: readonly Row[] = [
  ['RequestLimitExceeded', 503, 'Request limit exceeded.', limit],
  ['EC2ThrottledException', 400, 'EC2 is throttling', limit],
  ['Throttling', 400, 'Rate exceeded', limit],
  ['ThrottlingException', 400, 'Rate exceeded', limit],
  ['RequestThrottled', 400, 'Rate exceeded', limit],
  ['RequestThrottledException', 400, 'Rate exceeded', limit],
  ['SlowDown', 503, 'Please reduce your request rate.', limit],
  ['TooManyRequestsException', 429, 'Too many requests', limit],
  ['BandwidthLimitExceeded', 509, 'Bandwidth limit exceeded', limit],
  ['ThrottledException', 400, 'Throttled', limit],
  ['LimitExceededException', 400, 'Limit exceeded', limit],
  ['PriorRequestNotComplete', 400, 'A prior request is not complete', limit],
  ['ProvisionedThroughputExceededException', 400, 'Throughput exceeded', limit],
  ['TransactionInProgressException', 400, 'In progress', limit],
  ['SomethingNew', 429, 'a status that says it all', limit],

  ['InsufficientInstanceCapacity', 500, 'We currently do not have sufficient m5.large capacity', ofType, ofOffering],
  ['InsufficientHostCapacity', 500, 'Insufficient capacity on the host', ofType, ofOffering],
  ['InsufficientCapacity', 500, 'Insufficient capacity', ofType, ofOffering],
  ['UnfulfillableCapacity', 400, 'Unable to fulfill capacity', ofType, ofOffering],
  ['ReservationCapacityExceeded', 400, 'The reservation has no capacity left', ofType, ofOffering],
  ['SpotMaxPriceTooLow', 400, 'Your Spot request price of 0.01 is lower than the minimum', ofType, ofOffering],
  ['Unsupported', 400, 'Your requested instance type (m5.large) is not supported', ofType, ofOffering],
  ['Unsupported', 400, 'The requested configuration is currently not supported.', invalid, ofOffering],
  ['VcpuLimitExceeded', 400, 'You have requested more vCPU capacity than your current vCPU limit', ofGroup],
  ['MaxSpotInstanceCountExceeded', 400, 'Max spot instance count exceeded', ofGroup],

  ['InsufficientFreeAddressesInSubnet', 400, 'Not enough free addresses in subnet', quota, ofOffering],
  ['InsufficientVolumeCapacity', 400, 'There is not enough capacity to fulfill your EBS volume', quota, ofOffering],
  ['InvalidParameterValue', 400, 'No free address in subnet-1 is left', quota, ofOffering],
  ['InvalidParameter', 400, 'The subnet has no room', quota, ofOffering],
  ['InvalidSubnetID.NotFound', 400, "The subnet ID 'subnet-1' does not exist", invalid, ofOffering],
  ['InstanceLimitExceeded', 400, 'Your quota allows for 0 more running instance(s).', quota],
  ['VolumeLimitExceeded', 400, 'You have exceeded your maximum gp2 storage limit', quota],
  ['MaxIOPSLimitExceeded', 400, 'Too many IOPS', quota],
  ['NetworkInterfaceLimitExceeded', 400, 'Too many interfaces', quota],
  ['InsufficientAddressCapacity', 500, 'Insufficient addresses', quota],
  ['AddressLimitExceeded', 400, 'Too many addresses', quota],
  ['PendingVerification', 400, 'Your request for accessing resources in this region is being validated', quota],

  ['UnauthorizedOperation', 403, 'You are not authorized to perform this operation.', auth],
  ['AuthFailure', 401, 'AWS was not able to validate the provided access credentials', auth],
  ['AuthFailure.ServiceLinkedRoleCreationNotPermitted', 403, 'The provided credentials lack permission', auth],
  ['OptInRequired', 401, 'You are not subscribed to this service', auth],
  ['Blocked', 403, 'This account is currently blocked', auth],
  ['RequestExpired', 400, 'Request has expired.', auth],
  ['InvalidClientTokenId', 403, 'The security token included in the request is invalid', auth],
  ['SignatureDoesNotMatch', 403, 'The request signature we calculated does not match', auth],
  ['ExpiredToken', 400, 'The security token included in the request is expired', auth],

  ['InvalidAMIID.NotFound', 400, "The image id '[ami-1]' does not exist", invalid],
  ['InvalidAMIID.Malformed', 400, 'Invalid id: "ami"', invalid],
  ['InvalidAMIID.Unavailable', 400, 'The image is not available', invalid],
  ['InvalidGroup.NotFound', 400, "The security group 'sg-1' does not exist", invalid],
  ['InvalidParameterValue', 400, "Invalid value 'm5.tiny' for InstanceType.", invalid],
  ['InvalidParameterCombination', 400, 'Parameters do not go together', invalid],
  ['InvalidUserData.Malformed', 400, 'Invalid BASE64 encoding of user data.', invalid],
  ['InvalidBlockDeviceMapping', 400, 'Device name xvdt is invalid', invalid],
  ['InvalidKeyPair.NotFound', 400, "The key pair 'x' does not exist", invalid],
  ['IdempotentParameterMismatch', 400, 'Arguments are inconsistent', invalid],
  ['SomethingNew', 400, 'a refusal that is in no table', invalid],
  ['InvalidInstanceID.NotFound', 400, "The instance ID 'i-1' does not exist", 'CLOUD_NOT_FOUND'],
  ['InvalidInstanceID.Malformed', 400, 'Invalid id: "vm-1"', 'CLOUD_NOT_FOUND'],

  ['InternalError', 500, 'An internal error has occurred', passing],
  ['InternalFailure', 500, 'An internal failure', passing],
  ['Unavailable', 503, 'The service is unavailable.', passing],
  ['ServiceUnavailable', 503, 'The service is unavailable.', passing],
  ['RequestTimeout', 400, 'The request timed out', passing],
  ['SomethingNew', 502, 'a status that says it all', passing],
];

let world: Ec2World;
let sets: { readonly alone: InstanceSet; readonly withOthers: InstanceSet };

beforeAll(async () => {
  world = await newWorld();
  sets = { alone: await world.open(), withOthers: await world.open({ params: { subnetId: Object.values(subnets) } }) };
});
afterAll(() => world.end());

/** What a create ends with while EC2 answers like this. */
async function errorOf(set: InstanceSet, reply: Ec2Fault | 'reset'): Promise<DroverError> {
  world.fake.faults.add({ action: 'RunInstances', reply });
  const error: unknown = await set.create(request(set, 'doomed'), call()).catch((thrown: unknown) => thrown);
  world.fake.faults.heal();
  return mapError(error, { doing: 'be mapped twice' });
}

function shown(error: DroverError): string {
  return error instanceof CapacityError ? `${error.code} ${error.scope}` : error.code;
}

for (const [code, status, message, alone, withOthers = alone] of rows)
  test(`${code} with status ${status}, "${message}": ${alone}, with another subnet ${withOthers}`, async () => {
    for (const [set, expected] of [[sets.alone, alone] as const, [sets.withOthers, withOthers] as const]) {
      const error = await errorOf(set, new Ec2Fault(code, message, status));
      expect(shown(error)).toBe(expected);
      expect(error.message).toContain(message);
      expect(error.message).toContain(code);
    }
  });

test('a wait that AWS asks for is kept', async () => {
  const fault = new Ec2Fault('RequestLimitExceeded', 'Request limit exceeded.', 503, { 'retry-after': '7' });
  const error = await errorOf(sets.alone, fault);
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ retryAfterMs: 7_000 });
});

test('a connection that is cut or refused may pass', async () => {
  expect(shown(await errorOf(sets.alone, 'reset'))).toBe(passing);
  const away = await world.open({ params: { endpoint: 'http://127.0.0.1:9' } });
  const error = await away.describe('i-0fedcba9876543210', call()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: passing, fix: expect.stringContaining('driver.endpoint') });
});

test.each([
  ['InvalidAMIID.NotFound', 'x', 'pool.imageId'],
  ['InvalidSubnetID.NotFound', 'x', 'driver.subnetId'],
  ['InvalidGroup.NotFound', 'x', 'driver.securityGroupIds'],
  ['InvalidKey.Format', 'x', 'ssh.privateKey'],
  ['InvalidParameterValue', 'Value (p) for parameter iamInstanceProfile.name is invalid.', 'driver.iamInstanceProfile'],
  ['InvalidParameterValue', 'User data is limited to 16384 bytes', 'pool.instanceInitCommand'],
  ['InvalidParameterValue', 'Tag value exceeds the maximum length of 256 characters', 'pool.resourceTags'],
  ['InvalidParameterValue', "Invalid value 'm5.tiny' for InstanceType.", 'providerType'],
  ['UnauthorizedOperation', 'x', 'drover driver permissions ec2'],
  ['AuthFailure', 'x', 'driver.region'],
  ['RequestExpired', 'x', 'clock'],
  ['ExpiredToken', 'x', 'driver.sessionToken'],
  ['VcpuLimitExceeded', 'x', 'quota'],
  ['SpotMaxPriceTooLow', 'x', 'driver.spotMaxPrice'],
])('%s: %s names what to change: %s', async (code, message, setting) => {
  expect((await errorOf(sets.alone, new Ec2Fault(code, message))).fix).toContain(setting);
});

test('what is no error of the SDK becomes one of ours all the same', () => {
  expect(mapError('text', { doing: 'list' })).toMatchObject({ code: passing, message: 'ec2: cannot list: text' });
  const dns = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  expect(mapError(dns, { doing: 'list' })).toMatchObject({
    code: passing,
    fix: expect.stringContaining('driver.region'),
  });
  const unprovided = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });
  expect(mapError(unprovided, { doing: 'list' })).toMatchObject({ code: auth, fix: expect.any(String) });
});
