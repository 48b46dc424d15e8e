import type { Instance, Listing, Tags } from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import { mapBounded } from './bounded.ts';
import type { FailedVms } from './failed-vms.ts';
import type { Launches } from './follow.ts';
import { addressOf, interfaceIds, mapInstance, vmId } from './map-instance.ts';
import { tagOf } from './own-tags.ts';
import { eachPage } from './pages.ts';
import type { Removals } from './removals.ts';
import type { SdkVm } from './sdk-subset.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** What looks at VMs go through. */
export interface Looking {
  readonly around: AzureSurroundings;
  readonly launches: Launches;
  readonly removals: Removals;
  readonly failedVms: FailedVms;
}

/** Every VM of the resource group that carries all the tags. Addresses come from the network interfaces, listed at the same time. */
export async function listVms(look: Looking, wanted: Tags, signal: AbortSignal): Promise<Listing> {
  const { clients, params, counters } = look.around;
  const { resourceGroup } = params;
  const entries = Object.entries(wanted);
  const vms: SdkVm[] = [];
  const addresses = new Map<string, string>();
  await Promise.all([
    eachPage(clients.compute.virtualMachines.list(resourceGroup, { abortSignal: signal }), signal, (vm) => {
      if (entries.every(([key, value]) => tagOf(vm.tags, key) === value)) vms.push(essence(vm));
    }),
    eachPage(clients.network.networkInterfaces.list(resourceGroup, { abortSignal: signal }), signal, (one) => {
      if (one.id !== undefined) addresses.set(one.id.toLowerCase(), addressOf(one));
    }),
  ]);
  // Nearly all are known from the list itself; a closer look at those that failed takes a call each.
  const instances = await mapBounded(vms.length, azureTimes.parallelLooks, async (index) => {
    const vm = vms[index];
    if (vm === undefined) throw new RangeError(`no VM ${index} of ${vms.length}`);
    return instanceOf(look, vm, addresses, signal);
  });
  signal.throwIfAborted();
  counters.listed(instances.map(({ zone }) => zone));
  return { instances, launchFailures: look.launches.takeFailures() };
}

/** One VM, with what else is known about it. */
export async function instanceOf(
  { around, launches, removals, failedVms }: Looking,
  vm: SdkVm,
  addresses: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Instance> {
  const { location } = around.params;
  const address =
    interfaceIds(vm)
      .map((id) => addresses.get(id) ?? '')
      .find((one) => one !== '') ?? '';
  const id = vmId(vm);
  const failed = (vm.provisioningState ?? '').toLowerCase() === 'failed';
  if (removals.has(id)) return mapInstance(vm, { location, address, lifecycle: 'stopping' });
  if (failed && launches.has(id)) return mapInstance(vm, { location, address, lifecycle: 'pending' });
  if (failed && !(await failedVms.runs(vm, signal)))
    return mapInstance(vm, { location, address, lifecycle: 'stopping' });
  return mapInstance(vm, { location, address });
}

/** What is needed of a VM; the rest of its page is garbage at once. */
function essence({ name, tags, zones, provisioningState, hardwareProfile, networkProfile }: SdkVm): SdkVm {
  return {
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    ...(zones === undefined ? {} : { zones }),
    ...(provisioningState === undefined ? {} : { provisioningState }),
    ...(hardwareProfile === undefined ? {} : { hardwareProfile }),
    ...(networkProfile === undefined ? {} : { networkProfile }),
  };
}
