import { type Driver, type DriverContext, InvalidRequestError, type InstanceSet } from '@drover/spec';
import { parseServiceAccountKey } from './credentials.ts';
import { gceTimings, type GceTimings } from './gce-options.ts';
import { GceInstanceSet } from './instance-set.ts';
import { type GceParams, gceParams, gceParamsJsonSchema } from './params.ts';
import { permissionsOf } from './permissions.ts';
import { runPreflight } from './preflight.ts';

/** What an embedder or a test may decide beside the configuration. */
export interface GceDriverOptions {
  readonly timings?: GceTimings;
}

/** VMs of Google Compute Engine. The SDK is loaded when a set is opened, and not before. */
export function createGceDriver(options: GceDriverOptions = {}): Driver<GceParams> {
  return {
    specVersion: 1,
    name: 'gce',
    params: gceParams,
    paramsJsonSchema: gceParamsJsonSchema,
    open: (params, context) => openSet(params, context, options),
    permissions: (params) => permissionsOf(params),
    preemptionWatch: 'gce',
  };
}

/** The driver with nothing decided; also what a configuration finds that names this package. */
export const driver: Driver<GceParams> = createGceDriver();

async function openSet(params: GceParams, context: DriverContext, options: GceDriverOptions): Promise<InstanceSet> {
  const { clock, instanceSetId } = context;
  if (instanceSetId === '')
    throw new InvalidRequestError('gce: the instance set needs an id, its VMs are marked by it');
  const key = params.credentials === undefined ? undefined : parseServiceAccountKey(params.credentials);
  const { openSdk, openPreflightSdk } = await import('./sdk-clients.ts');
  return new GceInstanceSet({
    params,
    instanceSetId,
    clock,
    timings: options.timings ?? gceTimings,
    openSdk: () => openSdk(params, key),
    preflight: (request, callOptions) =>
      runPreflight(request, callOptions, { params, clock, openSdk: () => openPreflightSdk(params, key, clock) }),
  });
}
