import { ArmError, resourceNotFound } from './arm-error.ts';
import { isJson, textAt, valueAt } from './json.ts';
import { putVm } from './put-vm.ts';
import type { FakeRegion, FakeVm } from './region.ts';
import { apiVersions, type ArmCall, type ArmReply, type ArmRoutes, operationHeaders, pageOf } from './route.ts';
import { isoTime, vmView } from './views.ts';

const apiVersion = apiVersions.compute;
const kind = 'microsoft.compute/virtualmachines';

/** Virtual machines, and the operations that change them. */
export const vmRoutes: ArmRoutes = {
  [`PUT ${kind}`]: { apiVersion, request: 'compute.VirtualMachine', response: 'compute.VirtualMachine', handle: put },
  [`PATCH ${kind}`]: {
    apiVersion,
    request: 'compute.VirtualMachineUpdate',
    response: 'compute.VirtualMachine',
    handle: patch,
  },
  [`GET ${kind}`]: { apiVersion, response: 'compute.VirtualMachine', handle: get },
  [`DELETE ${kind}`]: { apiVersion, handle: remove },
  [`GET ${kind}[]`]: { apiVersion, response: 'compute.VirtualMachineListResult', handle: list },
  'GET microsoft.compute/locations/operations': { apiVersion, handle: operation },
  'GET microsoft.network/locations/operations': { apiVersion: apiVersions.network, handle: operation },
};

function put(region: FakeRegion, call: ArmCall): ArmReply {
  const existing = region.vm(call.name);
  if (existing !== undefined) {
    if (call.headers['if-none-match'] === '*')
      throw new ArmError(412, 'PreconditionFailed', `The resource ${existing.id} exists already.`);
    throw new ArmError(409, 'PropertyChangeNotAllowed', "Changing property 'osProfile' is not allowed.");
  }
  const vm = putVm(region, { name: call.name, resourceGroup: call.path.resourceGroup }, call.body, region.lateFailure);
  const { id } = region.startOperation(vm.readyMs - vm.createdMs, vm.failure);
  vm.operationId = id;
  return { status: 201, body: vmView(region, vm), headers: operationHeaders(region, call, id) };
}

function patch(region: FakeRegion, call: ArmCall): ArmReply {
  const vm = existing(region, call);
  const ifMatch = call.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== `"${vm.version}"`)
    throw new ArmError(412, 'PreconditionFailed', `The resource ${vm.id} has changed.`);
  const tags = valueAt(call.body, 'tags');
  // The whole set of tags is replaced: who does not send all of them loses the others.
  if (isJson(tags)) vm.tags = Object.fromEntries(Object.keys(tags).map((key) => [key, textAt(tags, key)]));
  vm.version += 1;
  return { status: 200, body: vmView(region, vm) };
}

function get(region: FakeRegion, call: ArmCall): ArmReply {
  const instanceView = call.url.searchParams.get('$expand') === 'instanceView';
  return { status: 200, body: vmView(region, existing(region, call), { instanceView }) };
}

function list(region: FakeRegion, call: ArmCall): ArmReply {
  const visible = region.vms().filter((vm) => region.nowMs >= vm.createdMs + region.options.listLagMs);
  return pageOf(region, call, visible, (vm) => vmView(region, vm));
}

function remove(region: FakeRegion, call: ArmCall): ArmReply {
  const vm = region.vm(call.name);
  if (vm === undefined) return { status: 204 };
  region.preempt(vm);
  vm.host?.end();
  vm.goneMs ??= region.nowMs + region.options.deleteMs;
  const { id } = region.startOperation(vm.goneMs - region.nowMs);
  return { status: 202, headers: operationHeaders(region, call, id) };
}

function operation(region: FakeRegion, call: ArmCall): ArmReply {
  const found = region.operation(call.name);
  const startTime = isoTime(region, found.startedMs);
  if (region.nowMs < found.doneMs)
    return { status: 200, body: { startTime, status: 'InProgress', name: found.id }, headers: { 'retry-after': '10' } };
  const endTime = isoTime(region, found.doneMs);
  const end = found.error === undefined ? { status: 'Succeeded' } : { status: 'Failed', ...found.error.body };
  return { status: 200, body: { startTime, endTime, ...end, name: found.id } };
}

function existing(region: FakeRegion, { name, path }: ArmCall): FakeVm {
  const vm = region.vm(name);
  if (vm === undefined) throw resourceNotFound('Microsoft.Compute/virtualMachines', name, path.resourceGroup);
  return vm;
}
