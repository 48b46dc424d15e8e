import { ArmError, overQuota } from './arm-error.ts';
import { type Json, listAt, textAt, valueAt } from './json.ts';
import type { FakeAttached, FakeRegion, FakeVm } from './region.ts';

/** Bytes of custom data that Azure takes. */
const maxCustomDataBytes = 65_535;

/** Makes a VM of a create request, or refuses as Azure would: `lateFailure` shows only when the VM was to be ready. */
export function putVm(
  region: FakeRegion,
  place: { readonly name: string; readonly resourceGroup: string },
  body: Json,
  lateFailure?: ArmError,
): FakeVm {
  checkLocation(region, body);
  checkNames(region, body);
  checkAccess(body);
  const size = textAt(body, 'properties', 'hardwareProfile', 'vmSize');
  const spot = textAt(body, 'properties', 'priority') === 'Spot';
  checkSize(region, body, size);
  checkQuota(region, size, spot);
  const { subscriptionId, bootMs } = region.options;
  const prefix = `/subscriptions/${subscriptionId}/resourceGroups/${place.resourceGroup}/providers`;
  const number = region.next();
  const tags = tagsOf(body);
  const vm: FakeVm = {
    name: place.name,
    id: `${prefix}/Microsoft.Compute/virtualMachines/${place.name}`,
    body,
    createdMs: region.nowMs,
    readyMs: region.nowMs + bootMs,
    size,
    spot,
    address: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    host: hostOf(region, body),
    networkInterface: interfaceOf(prefix, body),
    disks: disksOf(prefix, body, tags),
    tags,
    version: 1,
    ...(lateFailure === undefined ? {} : { failure: lateFailure }),
  };
  region.add(vm);
  return vm;
}

/** Lets in the key of its profile, and runs its custom data as cloud-init does. */
function hostOf({ options }: FakeRegion, body: Json): FakeVm['host'] {
  const profile = valueAt(body, 'properties', 'osProfile');
  const [type, blob] = textAt(profile, 'linuxConfiguration', 'ssh', 'publicKeys', 0, 'keyData').split(' ');
  const script = Buffer.from(textAt(profile, 'customData'), 'base64').toString('utf8');
  return options.startHost?.((publicKey) => publicKey === `${type} ${blob}`, script);
}

function interfaceOf(prefix: string, body: Json): FakeAttached {
  const declared = valueAt(body, 'properties', 'networkProfile', 'networkInterfaceConfigurations', 0);
  if (textAt(body, 'properties', 'networkProfile', 'networkApiVersion') === '')
    throw new ArmError(400, 'InvalidParameter', 'The value of parameter networkProfile.networkApiVersion is required.');
  const name = textAt(declared, 'name');
  return {
    name,
    id: `${prefix}/Microsoft.Network/networkInterfaces/${name}`,
    tags: tagsOf(declared),
    deleteWithVm: textAt(declared, 'properties', 'deleteOption') === 'Delete',
  };
}

/** Disks take over the tags of the VM that they are created with. */
function disksOf(prefix: string, body: Json, tags: FakeAttached['tags']): readonly FakeAttached[] {
  const storage = valueAt(body, 'properties', 'storageProfile');
  return [valueAt(storage, 'osDisk'), ...listAt(storage, 'dataDisks')].map((disk) => ({
    name: textAt(disk, 'name'),
    id: `${prefix}/Microsoft.Compute/disks/${textAt(disk, 'name')}`,
    tags,
    deleteWithVm: textAt(disk, 'deleteOption') === 'Delete',
  }));
}

function tagsOf(value: unknown): Readonly<Record<string, string>> {
  const tags = valueAt(value, 'tags');
  return Object.fromEntries(Object.keys(tags ?? {}).map((key) => [key, textAt(tags, key)]));
}

function checkLocation({ options }: FakeRegion, body: Json): void {
  const location = textAt(body, 'location');
  if (location === options.location) return;
  throw new ArmError(
    400,
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type 'Microsoft.Compute/virtualMachines'. List of ` +
      `available regions for the resource type is '${options.location}'.`,
  );
}

/** What the request names elsewhere: image and subnet. */
function checkNames({ options }: FakeRegion, body: Json): void {
  const reference = valueAt(body, 'properties', 'storageProfile', 'imageReference');
  const id = textAt(reference, 'id');
  const image =
    id === '' ? ['publisher', 'offer', 'sku', 'version'].map((part) => textAt(reference, part)).join(':') : id;
  if (!options.images.some((known) => known.toLowerCase() === image.toLowerCase()))
    throw noImage(options.location, id, image);
  const configuration = valueAt(body, 'properties', 'networkProfile', 'networkInterfaceConfigurations', 0);
  const subnetId = textAt(configuration, 'properties', 'ipConfigurations', 0, 'properties', 'subnet', 'id');
  const [, network = '', subnet = ''] = /\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/.exec(subnetId) ?? [];
  const free = options.subnets[`${network}/${subnet}`];
  if (free === undefined)
    throw new ArmError(
      400,
      'InvalidResourceReference',
      `Resource ${subnetId} referenced by resource ${textAt(configuration, 'name')} was not found. Please make sure that the ` +
        'referenced resource exists, and that both resources are in the same region.',
    );
  if (free <= 0)
    throw new ArmError(
      400,
      'SubnetIsFull',
      `Subnet ${subnet} with address prefix 10.0.0.0/29 does not have enough capacity for 1 IP addresses.`,
    );
}

function noImage(location: string, id: string, image: string): ArmError {
  if (id === '')
    return new ArmError(404, 'PlatformImageNotFound', `The platform image '${image}' is not available.`, {
      target: 'imageReference',
    });
  return id.includes('/galleries/')
    ? new ArmError(404, 'GalleryImageNotFound', `The gallery image ${id} is not available in ${location} region.`, {
        target: 'imageReference',
      })
    : new ArmError(404, 'NotFound', `The Image '${id}' cannot be found in '${location}' region.`);
}

/** Key and custom data. */
function checkAccess(body: Json): void {
  const profile = valueAt(body, 'properties', 'osProfile');
  const key = textAt(profile, 'linuxConfiguration', 'ssh', 'publicKeys', 0, 'keyData');
  const parameter = 'linuxConfiguration.ssh.publicKeys.keyData';
  if (!/^(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/]+=*( |$)/.test(key))
    throw new ArmError(400, 'InvalidParameter', `The value of parameter ${parameter} is invalid.`, {
      target: parameter,
    });
  if (Buffer.from(textAt(profile, 'customData'), 'base64').length > maxCustomDataBytes)
    throw new ArmError(
      400,
      'InvalidParameter',
      'Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters.',
      { target: 'customData' },
    );
}

function checkSize({ options }: FakeRegion, body: Json, size: string): void {
  const known = options.sizes[size];
  if (known === undefined)
    throw new ArmError(400, 'InvalidParameter', `The value ${size} provided for the VM size is not valid.`, {
      target: 'vmSize',
    });
  const zones = listAt(body, 'zones');
  const wrongZone = zones.some((zone) => typeof zone !== 'string' || !known.zones.includes(zone));
  if (known.restricted !== true && !wrongZone) return;
  throw new ArmError(
    409,
    'SkuNotAvailable',
    `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${size}' is currently not ` +
      `available in location '${options.location}'. Please try another size or deploy to a different location or different zone.`,
  );
}

function checkQuota(region: FakeRegion, size: string, spot: boolean): void {
  const { sizes, quotas, location } = region.options;
  const wanted = sizes[size]?.vcpus ?? 0;
  const family = sizes[size]?.family ?? '';
  const check = (name: string, quota: string, counts: (vm: FakeVm) => boolean): void => {
    const used = region.coresUsed(counts);
    const limit = quotas[name] ?? 0;
    if (used + wanted > limit) throw overQuota(quota, location, limit, used, wanted);
  };
  if (spot) {
    check('lowPriorityCores', 'LowPriorityCores', (vm) => vm.spot);
    return;
  }
  check(family, `${family} Cores`, (vm) => !vm.spot && sizes[vm.size]?.family === family);
  check('cores', 'Total Regional Cores', (vm) => !vm.spot);
}
