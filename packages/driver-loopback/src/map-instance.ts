import { type Instance, type LaunchFailure, TransientCloudError } from '@drover/spec';
import type { LoopbackVm } from './loopback-vm.ts';

/** A VM as spec wants to see it. */
export function mapInstance(vm: LoopbackVm): Instance {
  const { record } = vm;
  const { lifecycle } = vm;
  return {
    id: record.id,
    providerType: record.providerType,
    lifecycle,
    tags: vm.tags,
    address: vm.ssh === undefined ? '' : `127.0.0.1:${vm.ssh.port}`,
    zone: record.zone,
    pricePerHour: record.pricePerHour,
  };
}

/** A VM that ended before it was up is a launch that failed. */
export function mapLaunchFailure(vm: LoopbackVm, folder: string): LaunchFailure | undefined {
  if (vm.endedAtMs === undefined || vm.ssh !== undefined) return undefined;
  return {
    createId: vm.record.createId,
    offeringId: vm.record.offeringId,
    instanceId: vm.record.id,
    error: new TransientCloudError(`loopback: ${vm.record.id} ended before it was up; its log is in ${folder}`),
  };
}
