import type { Driver, DriverContext, InstanceSet } from '@drover/spec';
import { AzureInstanceSet } from './instance-set.ts';
import { mapError } from './map-error.ts';
import { AzureCounters } from './metrics.ts';
import { zoneName } from './offerings.ts';
import { type AzureDriverOptions, openClients } from './open-clients.ts';
import { ownTags } from './own-tags.ts';
import { type AzureParams, azureParams, azureParamsJsonSchema } from './params.ts';
import { permissionsOf } from './permissions.ts';

/** VMs of Microsoft Azure. */
export function createAzureDriver(options: AzureDriverOptions = {}): Driver<AzureParams> {
  return {
    specVersion: 1,
    name: 'azure',
    preemptionWatch: 'azure',
    params: azureParams,
    paramsJsonSchema: azureParamsJsonSchema,
    open: (params, context) => openSet(params, context, options),
    permissions: permissionsOf,
  };
}

/** The driver with nothing decided. */
export const driver: Driver<AzureParams> = createAzureDriver();

async function openSet(params: AzureParams, context: DriverContext, options: AzureDriverOptions): Promise<InstanceSet> {
  const { location } = params;
  const zones = params.zones.length === 0 ? [location] : params.zones.map((zone) => zoneName(location, zone));
  const end = new AbortController();
  try {
    const clients = await openClients(params, options);
    const counters = new AzureCounters(zones);
    const around = { clients, params, context, tags: ownTags(context), counters, closed: end.signal };
    return new AzureInstanceSet(around, () => end.abort(new Error('azure: closed')));
  } catch (error) {
    throw mapError(error, { doing: 'open', nowMs: context.clock.wallMs() });
  }
}
