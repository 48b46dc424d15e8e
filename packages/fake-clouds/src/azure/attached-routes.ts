import { ArmError, resourceNotFound } from './arm-error.ts';
import type { FakeRegion } from './region.ts';
import { apiVersions, type ArmCall, type ArmReply, type ArmRoutes, operationHeaders, pageOf } from './route.ts';
import { danglingInterfaceView, diskView, interfaceView } from './views.ts';

const disks = 'microsoft.compute/disks';
const interfaces = 'microsoft.network/networkinterfaces';
/** What removing one takes. */
const removeMs = 1_000;

/** Disks and network interfaces, those of VMs and those that were left behind. */
export const attachedRoutes: ArmRoutes = {
  [`GET ${disks}[]`]: { apiVersion: apiVersions.disks, response: 'compute.DiskList', handle: listDisks },
  [`DELETE ${disks}`]: { apiVersion: apiVersions.disks, handle: removeDisk },
  [`GET ${interfaces}[]`]: {
    apiVersion: apiVersions.network,
    response: 'network.NetworkInterfaceListResult',
    handle: listInterfaces,
  },
  [`GET ${interfaces}`]: {
    apiVersion: apiVersions.network,
    response: 'network.NetworkInterface',
    handle: getInterface,
  },
  [`DELETE ${interfaces}`]: { apiVersion: apiVersions.network, handle: removeInterface },
};

function listDisks(region: FakeRegion, call: ArmCall): ArmReply {
  const attached = region.vms().flatMap((vm) => vm.disks.map((disk) => ({ disk, createdMs: vm.createdMs, vm })));
  const dangling = region.dangling('disks').map((disk) => ({ disk, createdMs: disk.createdMs, vm: undefined }));
  return pageOf(region, call, [...attached, ...dangling], ({ disk, createdMs, vm }) =>
    diskView(region, disk, createdMs, vm),
  );
}

function listInterfaces(region: FakeRegion, call: ArmCall): ArmReply {
  return pageOf(region, call, [...region.vms(), ...region.dangling('networkInterfaces')], (one) =>
    'networkInterface' in one ? interfaceView(region, one) : danglingInterfaceView(region, one),
  );
}

function getInterface(region: FakeRegion, { name, path }: ArmCall): ArmReply {
  const owner = region.vms().find((vm) => sameName(vm.networkInterface.name, name));
  if (owner !== undefined) return { status: 200, body: interfaceView(region, owner) };
  const dangling = region.dangling('networkInterfaces').find((one) => sameName(one.name, name));
  if (dangling !== undefined) return { status: 200, body: danglingInterfaceView(region, dangling) };
  throw resourceNotFound('Microsoft.Network/networkInterfaces', name, path.resourceGroup);
}

function removeDisk(region: FakeRegion, call: ArmCall): ArmReply {
  const owner = region.vms().find((vm) => vm.disks.some((disk) => sameName(disk.name, call.name)));
  if (owner !== undefined)
    throw new ArmError(409, 'OperationNotAllowed', `Disk ${call.name} is attached to VM ${owner.id}.`);
  if (!region.removeDangling('disks', call.name)) return { status: 204 };
  const { id } = region.startOperation(removeMs);
  return { status: 202, headers: operationHeaders(region, call, id) };
}

function removeInterface(region: FakeRegion, call: ArmCall): ArmReply {
  const owner = region.vms().find((vm) => sameName(vm.networkInterface.name, call.name));
  if (owner !== undefined)
    throw new ArmError(
      400,
      'NicInUse',
      `Network Interface ${owner.networkInterface.id} is used by existing resource ${owner.id}.`,
    );
  if (!region.removeDangling('networkInterfaces', call.name)) return { status: 204 };
  const { id } = region.startOperation(removeMs);
  return { status: 202, headers: operationHeaders(region, call, id, 'Microsoft.Network') };
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
