import type { FakeAttached, FakeDangling, FakeRegion, FakeVm } from './region.ts';
import { isJson, type Json, listAt, valueAt } from './json.ts';

/** A VM as Azure shows it; with its instance view if that was asked for. */
export function vmView(region: FakeRegion, vm: FakeVm, options: { readonly instanceView?: boolean } = {}): Json {
  const properties = isJson(vm.body['properties']) ? vm.body['properties'] : {};
  const provisioningState = region.provisioningState(vm);
  return {
    name: vm.name,
    id: vm.id,
    type: 'Microsoft.Compute/virtualMachines',
    location: region.options.location,
    tags: vm.tags,
    ...(vm.body['zones'] === undefined ? {} : { zones: vm.body['zones'] }),
    etag: `"${vm.version}"`,
    properties: {
      ...properties,
      osProfile: withoutCustomData(properties['osProfile']),
      // What was declared in the create request is a resource of its own now.
      networkProfile: {
        networkInterfaces: [{ id: vm.networkInterface.id, properties: { primary: true, deleteOption: 'Delete' } }],
      },
      vmId: uuid(vm.createdMs, vm.name),
      provisioningState,
      timeCreated: isoTime(region, vm.createdMs),
      ...(options.instanceView === true ? { instanceView: { statuses: statuses(region, vm) } } : {}),
    },
  };
}

function statuses(region: FakeRegion, vm: FakeVm): readonly Json[] {
  const state = region.provisioningState(vm);
  const runs = state === 'Succeeded' || vm.changeFailed === true;
  const power = { code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' };
  const code = state === 'Failed' && vm.failure !== undefined ? `failed/${vm.failure.code}` : state.toLowerCase();
  const provisioning = {
    code: `ProvisioningState/${code}`,
    level: state === 'Failed' ? 'Error' : 'Info',
    displayStatus: state === 'Failed' ? 'Provisioning failed' : state,
    ...(vm.failure !== undefined && state === 'Failed' ? { message: vm.failure.message } : {}),
  };
  return runs ? [provisioning, power] : [provisioning];
}

/** Custom data goes in and never comes out. */
function withoutCustomData(osProfile: unknown): Json {
  if (!isJson(osProfile)) return {};
  const { customData: _, ...shown } = osProfile;
  return { ...shown, allowExtensionOperations: true, requireGuestProvisionSignal: true };
}

/** The network interface that a VM has. */
export function interfaceView(region: FakeRegion, vm: FakeVm): Json {
  const [configuration] = listAt(vm.body, 'properties', 'networkProfile', 'networkInterfaceConfigurations');
  const subnet = valueAt(configuration, 'properties', 'ipConfigurations', 0, 'properties', 'subnet');
  return {
    ...interfaceFrame(region, vm.networkInterface),
    properties: {
      provisioningState: 'Succeeded',
      virtualMachine: { id: vm.id },
      primary: true,
      ipConfigurations: [
        {
          name: 'primary',
          id: `${vm.networkInterface.id}/ipConfigurations/primary`,
          type: 'Microsoft.Network/networkInterfaces/ipConfigurations',
          properties: {
            provisioningState: 'Succeeded',
            privateIPAddress: vm.host?.address ?? vm.address,
            privateIPAllocationMethod: 'Dynamic',
            primary: true,
            privateIPAddressVersion: 'IPv4',
            ...(isJson(subnet) ? { subnet } : {}),
          },
        },
      ],
    },
  };
}

/** A network interface that no VM has. */
export function danglingInterfaceView(region: FakeRegion, one: FakeDangling): Json {
  return { ...interfaceFrame(region, one), properties: { provisioningState: 'Succeeded', ipConfigurations: [] } };
}

function interfaceFrame(region: FakeRegion, { name, id, tags }: FakeAttached): Json {
  const { location } = region.options;
  return { name, id, type: 'Microsoft.Network/networkInterfaces', location, tags, etag: 'W/"1"' };
}

/** A disk; `vm` has it, or nobody. */
export function diskView(region: FakeRegion, disk: FakeAttached, createdMs: number, vm?: FakeVm): Json {
  return {
    name: disk.name,
    id: disk.id,
    type: 'Microsoft.Compute/disks',
    location: region.options.location,
    tags: disk.tags,
    ...(vm === undefined ? {} : { managedBy: vm.id }),
    properties: {
      diskState: vm === undefined ? 'Unattached' : 'Attached',
      provisioningState: 'Succeeded',
      timeCreated: isoTime(region, createdMs),
      diskSizeGB: 30,
    },
  };
}

/** Wall time of a moment of the monotonic clock. */
export function isoTime(region: FakeRegion, monotonicMs: number): string {
  const { clock } = region.options;
  return new Date(clock.wallMs() - clock.monotonicMs() + monotonicMs).toISOString();
}

function uuid(seed: number, name: string): string {
  const hex = Buffer.from(`${seed}${name}`).toString('hex').padEnd(32, '0').slice(-32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
