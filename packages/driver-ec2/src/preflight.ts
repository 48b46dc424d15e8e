import type { CallOptions, CheckResult, Clock, DriverContext, PreflightRequest, Tags } from '@drover/spec';
import { ec2Times } from './ec2-options.ts';
import { fingerprintsOf, findKeyPair, keyPairName } from './key-pair.ts';
import { mapError } from './map-error.ts';
import type { Ec2Params } from './params.ts';
import { checkNetwork, checkTypes, zonesOf } from './preflight-network.ts';
import { dryRun, failed, ok } from './preflight-results.ts';
import { dryLaunch } from './run-input.ts';
import type { Ec2Api } from './sdk-subset.ts';

/** What the checks need. */
export interface PreflightParts {
  readonly api: Ec2Api;
  readonly params: Ec2Params;
  readonly context: Pick<DriverContext, 'clock' | 'instanceSetId' | 'tagKeyPrefix'>;
}

/** Looks at all that EC2 shows for nothing and launches nothing. What depends on something that is missing is skipped, and says so. */
export async function preflight(
  parts: PreflightParts,
  request: PreflightRequest,
  options: CallOptions,
): Promise<readonly CheckResult[]> {
  const { api, params, context } = parts;
  const setTags = { [`${context.tagKeyPrefix}InstanceSetID`]: context.instanceSetId };
  const credentials = await checkCredentials(parts, setTags, options);
  const clock = checkClock(api, context.clock);
  if (credentials.outcome === 'failed') return [credentials, ...clock, notLooked];
  const network = await checkNetwork(api, params, options);
  const zones = zonesOf(network.subnets);
  const rest = await Promise.all([
    checkImage(api, request.imageId, options),
    checkKey(parts, request.authorizedKey, options),
    checkTypes(api, request.instanceTypes, zones, options),
    checkLaunch(parts, request, setTags, options),
  ]);
  options.signal.throwIfAborted();
  return [credentials, ...clock, ...network.results, ...rest.flat(), quotaNotLooked];
}

const notLooked: CheckResult = {
  subject: 'permissions',
  outcome: 'skipped',
  message: 'EC2 does not take the credentials, so nothing else was looked at.',
};

const quotaNotLooked: CheckResult = {
  subject: 'quota',
  outcome: 'skipped',
  message: "EC2's API does not tell vCPU quotas; the console shows them under Service Quotas, EC2.",
};

async function checkCredentials(
  { api, params }: PreflightParts,
  setTags: Tags,
  options: CallOptions,
): Promise<CheckResult> {
  try {
    const Filters = Object.entries(setTags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
    await api.describeInstances({ MaxResults: 5, Filters }, options);
    return ok('credentials', `EC2 in ${params.region} takes the credentials.`);
  } catch (error) {
    const how = params.accessKeyId === undefined ? 'driver.region' : 'driver.accessKeyId';
    return failed('credentials', mapError(error, { doing: 'list the VMs' }), how);
  }
}

/** AWS refuses what is signed with a clock that is far off. */
function checkClock(api: Ec2Api, clock: Clock): readonly CheckResult[] {
  const cloudMs = api.cloudTimeMs();
  if (cloudMs === undefined)
    return [{ subject: 'clock', outcome: 'skipped', message: 'EC2 has not answered, so its clock is not known.' }];
  const offsetMs = clock.wallMs() - cloudMs;
  const offBy = `This machine's clock is ${Math.round(Math.abs(offsetMs) / 1_000)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} AWS's`;
  if (Math.abs(offsetMs) < ec2Times.suspiciousClockOffsetMs) return [ok('clock', `${offBy}.`)];
  const outcome = Math.abs(offsetMs) < ec2Times.maxClockOffsetMs ? 'warning' : 'failed';
  return [{ subject: 'clock', outcome, message: `${offBy}; AWS takes 5 minutes.`, fix: "set this machine's clock" }];
}

async function checkImage(api: Ec2Api, imageId: string, options: CallOptions): Promise<readonly CheckResult[]> {
  const setting = 'pool.imageId';
  const fix = 'set it to an image of the region that the account may use';
  if (imageId === '') return [{ subject: 'image', outcome: 'failed', message: 'No image is named.', setting, fix }];
  try {
    const { Images: images = [] } = await api.describeImages({ ImageIds: [imageId] }, options);
    const [image] = images;
    if (image?.State !== 'available')
      return [{ subject: 'image', outcome: 'failed', message: `The image ${imageId} is not available.`, setting, fix }];
    return [ok('image', `The image ${imageId} (${image.Name ?? 'without a name'}) is available.`)];
  } catch (error) {
    return [failed('image', mapError(error, { doing: `look at ${imageId}` }), setting)];
  }
}

async function checkKey(
  { api, params }: PreflightParts,
  key: string,
  options: CallOptions,
): Promise<readonly CheckResult[]> {
  if (key === '')
    return [{ subject: 'key', outcome: 'skipped', message: 'No key is given to VMs; the image must bring its own.' }];
  try {
    fingerprintsOf(key);
    const name = await findKeyPair(api, key, options);
    if (name !== undefined) return [ok('key', `The key is in the account as ${name}.`)];
    const newName = keyPairName(params.keyPairPrefix, key);
    const input = { KeyName: newName, PublicKeyMaterial: Buffer.from(key), DryRun: true };
    await dryRun(() => api.importKeyPair(input, options));
    return [ok('key', `The key is not in the account yet; it will be imported as ${newName}.`)];
  } catch (error) {
    return [failed('key', mapError(error, { doing: 'look at the key' }), 'ssh.privateKey')];
  }
}

/** A launch of the first type in its first subnet, which EC2 checks and does not do. */
async function checkLaunch(
  { api, params }: PreflightParts,
  request: PreflightRequest,
  setTags: Tags,
  options: CallOptions,
): Promise<readonly CheckResult[]> {
  const [type] = request.instanceTypes;
  if (type === undefined)
    return [
      { subject: 'types', outcome: 'failed', message: 'No instance type is configured.', setting: 'instanceTypes' },
    ];
  try {
    await dryRun(() => api.runInstances(dryLaunch(type, request.imageId, setTags, params), options));
    return [
      ok('permissions', `A launch of ${type.name} would be allowed.`),
      {
        subject: 'permissions',
        outcome: 'skipped',
        message:
          'Ending and tagging VMs and reading their consoles can be tried on a VM only, as `drover cloudtest` does.',
      },
    ];
  } catch (error) {
    return [failed('permissions', mapError(error, { doing: `launch a ${type.name} on trial` }), 'driver')];
  }
}
