import type { Instance, InstanceLifecycle, LaunchFailure, Tags } from '@drover/spec';
import { readBatchTags } from './batch-tags.ts';
import { ownTags } from './ec2-options.ts';
import type { Classification } from './error-classes.ts';
import { errorOf } from './map-error.ts';
import type { Ec2Params } from './params.ts';
import type { SdkInstance } from './sdk-subset.ts';

/** `stopped` is no death: somebody may start it again, with everything that is on its disk. */
const lifecycles: Readonly<Record<string, InstanceLifecycle>> = {
  pending: 'pending',
  running: 'running',
  'shutting-down': 'stopping',
  stopping: 'stopping',
  stopped: 'stopping',
  terminated: 'terminated',
};

/** Why AWS ended a launch after accepting it, and what that means. Ends that somebody wanted are not here. */
const failures: Readonly<Record<string, Classification>> = {
  'Server.InsufficientInstanceCapacity': 'offering',
  'Server.SpotInstanceTermination': 'offering',
  'Server.SpotInstanceShutdown': 'offering',
  'Client.VolumeLimitExceeded': 'quota',
  'Client.InternalError': 'invalid',
  'Client.InvalidSnapshot.NotFound': 'invalid',
  'Server.InternalError': 'transient',
};

/** A VM as spec wants to see it. `pricePerHour` where it is known. */
export function mapInstance(vm: SdkInstance, params: Ec2Params, pricePerHour?: number): Instance {
  const zone = vm.Placement?.AvailabilityZone;
  const address = params.connectTo === 'public' ? vm.PublicIpAddress : vm.PrivateIpAddress;
  const { [ownTags.createId]: _createId, [ownTags.offeringId]: _offeringId, ...tags } = allTags(vm);
  return {
    id: vm.InstanceId ?? '',
    providerType: vm.InstanceType ?? '',
    lifecycle: lifecycles[vm.State?.Name ?? ''] ?? 'stopping',
    tags,
    address: address ?? '',
    ...(zone === undefined ? {} : { zone }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
  };
}

/** A VM that AWS ended, or never began, for a reason of its own. */
export function mapLaunchFailure(vm: SdkInstance): LaunchFailure | undefined {
  const { Code: code = '', Message: message = code } = vm.StateReason ?? {};
  const classification = failures[code];
  if (vm.State?.Name !== 'terminated' || classification === undefined) return undefined;
  const tags = allTags(vm);
  const createId = tags[ownTags.createId];
  const offeringId = tags[ownTags.offeringId];
  if (createId === undefined || offeringId === undefined || vm.InstanceId === undefined) return undefined;
  const facts = { code, message, status: undefined, retryAfterMs: undefined };
  const error = errorOf(classification, facts, `keep ${vm.InstanceId}`);
  return { createId, offeringId, instanceId: vm.InstanceId, error };
}

function allTags(vm: SdkInstance): Tags {
  const tags = (vm.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''] as const);
  return readBatchTags(Object.fromEntries(tags), vm.AmiLaunchIndex ?? 0);
}
