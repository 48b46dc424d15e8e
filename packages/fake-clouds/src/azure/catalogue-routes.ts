import { resourceNotFound } from './arm-error.ts';
import type { Json } from './json.ts';
import type { FakeRegion } from './region.ts';
import { apiVersions, type ArmCall, type ArmReply, type ArmRoutes, pageOf } from './route.ts';

/** What can be looked at for free: sizes, quotas, images, subnets, permissions. */
export const catalogueRoutes: ArmRoutes = {
  'GET microsoft.compute/skus[]': {
    apiVersion: apiVersions.skus,
    response: 'compute.ResourceSkusResult',
    handle: skus,
  },
  'GET microsoft.compute/locations/usages[]': {
    apiVersion: apiVersions.compute,
    response: 'compute.ListUsagesResult',
    handle: usages,
  },
  'GET microsoft.compute/images': { apiVersion: apiVersions.compute, response: 'compute.Image', handle: image },
  'GET microsoft.compute/galleries/images/versions': {
    apiVersion: apiVersions.galleries,
    response: 'compute.GalleryImageVersion',
    handle: galleryVersion,
  },
  'GET microsoft.network/virtualnetworks/subnets': {
    apiVersion: apiVersions.network,
    response: 'network.Subnet',
    handle: subnet,
  },
  'GET microsoft.network/virtualnetworks/usages[]': {
    apiVersion: apiVersions.network,
    response: 'network.VirtualNetworkListUsageResult',
    handle: networkUsages,
  },
  'GET microsoft.authorization/permissions[]': { apiVersion: apiVersions.authorization, handle: permissions },
};

function skus(region: FakeRegion, call: ArmCall): ArmReply {
  const { sizes, location } = region.options;
  const items = Object.entries(sizes).map(([name, { family, vcpus, zones, restricted }]) => ({
    resourceType: 'virtualMachines',
    name,
    tier: 'Standard',
    size: name.replace(/^Standard_/, ''),
    family,
    locations: [location],
    locationInfo: [{ location, zones }],
    capabilities: [{ name: 'vCPUs', value: String(vcpus) }],
    restrictions:
      restricted === true ? [{ type: 'Location', values: [location], reasonCode: 'NotAvailableForSubscription' }] : [],
  }));
  return pageOf(region, call, items, (item) => item);
}

function usages(region: FakeRegion, call: ArmCall): ArmReply {
  const { sizes, quotas } = region.options;
  const used = (name: string): number =>
    region.coresUsed((vm) => {
      if (name === 'lowPriorityCores') return vm.spot;
      return !vm.spot && (name === 'cores' || sizes[vm.size]?.family === name);
    });
  const items = Object.entries(quotas).map(([name, limit]) => ({
    unit: 'Count',
    currentValue: used(name),
    limit,
    name: { value: name, localizedValue: name },
  }));
  return pageOf(region, call, items, (item) => item);
}

function image(region: FakeRegion, call: ArmCall): ArmReply {
  const body = { properties: { provisioningState: 'Succeeded', hyperVGeneration: 'V2' } };
  return known(region, call, 'Microsoft.Compute/images', body);
}

function galleryVersion(region: FakeRegion, call: ArmCall): ArmReply {
  return known(region, call, 'Microsoft.Compute/galleries/images/versions', {
    properties: { provisioningState: 'Succeeded' },
  });
}

function known(region: FakeRegion, { url, name, path }: ArmCall, kind: string, body: Json): ArmReply {
  const { images, location } = region.options;
  const id = images.find((one) => one.toLowerCase() === url.pathname.toLowerCase());
  if (id === undefined) throw resourceNotFound(kind, path.names.join('/'), path.resourceGroup);
  return { status: 200, body: { id, name, type: kind, location, ...body } };
}

function subnet(region: FakeRegion, { url, path, name }: ArmCall): ArmReply {
  if (region.options.subnets[path.names.join('/')] === undefined)
    throw resourceNotFound('Microsoft.Network/virtualNetworks/subnets', path.names.join('/'), path.resourceGroup);
  return {
    status: 200,
    body: {
      id: url.pathname,
      name,
      type: 'Microsoft.Network/virtualNetworks/subnets',
      properties: { addressPrefix: '10.0.0.0/24', provisioningState: 'Succeeded' },
    },
  };
}

function networkUsages(region: FakeRegion, call: ArmCall): ArmReply {
  const [network = ''] = call.path.names;
  const { subnets } = region.options;
  const inNetwork = Object.entries(subnets).filter(([name]) => name.startsWith(`${network}/`));
  const used = region.vms().length;
  const items = inNetwork.map(([name, free]) => ({
    id: `${call.url.pathname.replace(/\/usages$/, '')}/subnets/${name.slice(network.length + 1)}`,
    currentValue: free === 0 ? 3 : used,
    limit: free === 0 ? 3 : free,
    name: { value: 'SubnetSpace', localizedValue: 'Subnet size and usage' },
    unit: 'Count',
  }));
  return pageOf(region, call, items, (item) => item);
}

function permissions({ options }: FakeRegion): ArmReply {
  return {
    status: 200,
    body: { value: [{ actions: options.actions, notActions: [], dataActions: [], notDataActions: [] }] },
  };
}
