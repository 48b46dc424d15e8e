import type { Instance, InstanceLifecycle } from '@drover/spec';
import { zoneName } from './offerings.ts';
import type { SdkNetworkInterface, SdkVm } from './sdk-subset.ts';

/** Azure's provisioning states by what they mean; `Failed` needs a closer look. */
const lifecycles: Readonly<Record<string, InstanceLifecycle>> = {
  creating: 'pending',
  deleting: 'stopping',
  failed: 'running',
  canceled: 'running',
};

/** What is known beside the VM itself. */
export interface Surroundings {
  readonly location: string;
  readonly address: string;
  /** Overrides what the provisioning state says. */
  readonly lifecycle?: InstanceLifecycle;
}

/** A VM as spec wants to see it. Its name is its id: Azure gives ids in changing upper and lower case, names are ours. */
export function mapInstance(vm: SdkVm, { location, address, lifecycle }: Surroundings): Instance {
  return {
    id: vmId(vm),
    providerType: vm.hardwareProfile?.vmSize ?? '',
    lifecycle: lifecycle ?? lifecycles[(vm.provisioningState ?? '').toLowerCase()] ?? 'running',
    tags: vm.tags ?? {},
    address,
    zone: zoneName(location, vm.zones?.[0]),
  };
}

export function vmId(vm: SdkVm): string {
  return (vm.name ?? '').toLowerCase();
}

/** The private address of a network interface; empty while it has none. */
export function addressOf({ ipConfigurations = [] }: SdkNetworkInterface): string {
  const primary = ipConfigurations.find((one) => one.primary === true) ?? ipConfigurations[0];
  return primary?.privateIPAddress ?? '';
}

/** Ids of a VM's network interfaces, lower case. */
export function interfaceIds(vm: SdkVm): readonly string[] {
  return (vm.networkProfile?.networkInterfaces ?? []).flatMap(({ id }) => (id === undefined ? [] : [id.toLowerCase()]));
}
