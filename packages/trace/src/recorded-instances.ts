import { type DispatchEvent, DroverError } from '@drover/spec';
import type { TraceRecord } from './trace-records.ts';

/** What one event of a dispatcher says about VMs, as it is recorded; undefined: nothing. */
export function instanceRecord(event: DispatchEvent, atMs: number): TraceRecord | undefined {
  const instance = { type: 'instance', atMs } as const;
  switch (event.type) {
    case 'create-requested': {
      const { createId, instanceType, offeringId, count } = event;
      return { ...instance, event: 'asked', createId, instanceType, offeringId, count };
    }
    case 'create-failed': {
      const { createId, instanceType, error } = event;
      const code = DroverError.is(error) ? error.code : 'INTERNAL';
      return { ...instance, event: 'create-failed', createId, instanceType, code };
    }
    case 'instance-appeared': {
      const { instanceId, instanceType, offeringId, zone, pricePerHour, state } = event;
      return {
        ...instance,
        event: 'running',
        instanceId,
        instanceType,
        ...(offeringId === undefined ? {} : { offeringId }),
        ...(zone === undefined ? {} : { zone }),
        pricePerHour,
        ...(state === 'booting' ? {} : { found: true as const }),
      };
    }
    case 'instance-ready':
      return { ...instance, event: 'ready', instanceId: event.instanceId, sinceCreateMs: event.sinceCreateMs };
    case 'instance-preempted':
      return { ...instance, event: 'interrupted', instanceId: event.instanceId };
    case 'instance-gone':
      return { ...instance, event: 'gone', instanceId: event.instanceId };
    case 'capacity-unavailable': {
      const { scope, instanceType, zone, preemptible } = event;
      return { type: 'shortage', atMs, kind: 'capacity', scope, instanceType, zone, preemptible };
    }
    case 'quota-reached':
      return { type: 'shortage', atMs, kind: 'quota', instances: event.instances };
    default:
      return undefined;
  }
}
