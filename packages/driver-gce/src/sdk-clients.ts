import type { Clock } from '@drover/spec';
import type { ServiceAccountKey } from './credentials.ts';
import { gceDefaults } from './gce-options.ts';
import { refuseFailures } from './http-failure.ts';
import { type GaxModule, leanGax } from './lean-gax.ts';
import type { GceParams } from './params.ts';
import type { GcePreflightSdk, GceSdk } from './sdk-subset.ts';

const scopes = ['https://www.googleapis.com/auth/compute'];
const services = ['Instances', 'ZoneOperations'];
const preflightServices = ['Instances', 'Projects', 'Regions', 'Images', 'Subnetworks', 'MachineTypes'];

/** What the clients are opened with. */
export type ClientParams = Pick<GceParams, 'project' | 'apiEndpoint'>;

/**
 * Loads the SDK's clients for instances and operations; nothing of the SDK is loaded before.
 * @param key undefined: application default credentials, which are looked for now
 */
export async function openSdk(params: ClientParams, key: ServiceAccountKey | undefined): Promise<GceSdk> {
  const [{ InstancesClient }, { ZoneOperationsClient }, { options, gax }] = await Promise.all([
    import('@google-cloud/compute/build/src/v1/instances_client.js'),
    import('@google-cloud/compute/build/src/v1/zone_operations_client.js'),
    clientOptions(params, key, loadGax(services)),
  ]);
  const instances = new InstancesClient({ ...options }, gax);
  const operations = new ZoneOperationsClient({ ...options }, gax);
  return {
    instances,
    operations,
    close: async () => {
      await Promise.all([instances.close(), operations.close()]);
    },
  };
}

/** As `openSdk`, for what preflight asks. */
export async function openPreflightSdk(
  params: ClientParams,
  key: ServiceAccountKey | undefined,
  clock: Pick<Clock, 'wallMs'>,
): Promise<GcePreflightSdk> {
  const at = await clientOptions(params, key, loadGax(preflightServices));
  let clockOffMs: number | undefined;
  at.options.authClient.transporter.interceptors.response.add({
    resolved: async (response) => {
      const theirsMs = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(theirsMs)) clockOffMs = clock.wallMs() - theirsMs;
      return response;
    },
  });
  const [i, p, r, m, s, t] = await Promise.all([
    import('@google-cloud/compute/build/src/v1/instances_client.js'),
    import('@google-cloud/compute/build/src/v1/projects_client.js'),
    import('@google-cloud/compute/build/src/v1/regions_client.js'),
    import('@google-cloud/compute/build/src/v1/images_client.js'),
    import('@google-cloud/compute/build/src/v1/subnetworks_client.js'),
    import('@google-cloud/compute/build/src/v1/machine_types_client.js'),
  ]);
  const clients = {
    instances: new i.InstancesClient({ ...at.options }, at.gax),
    projects: new p.ProjectsClient({ ...at.options }, at.gax),
    regions: new r.RegionsClient({ ...at.options }, at.gax),
    images: new m.ImagesClient({ ...at.options }, at.gax),
    subnetworks: new s.SubnetworksClient({ ...at.options }, at.gax),
    machineTypes: new t.MachineTypesClient({ ...at.options }, at.gax),
  };
  return {
    ...clients,
    clockOffMs: () => clockOffMs,
    close: async () => {
      await Promise.all(Object.values(clients).map((client) => client.close()));
    },
  };
}

/** One authentication for all clients, so that there is one token. */
async function clientOptions(
  { project, apiEndpoint }: ClientParams,
  key: ServiceAccountKey | undefined,
  loadedGax: Promise<GaxModule>,
) {
  const gax = await loadedGax;
  const { GoogleAuth, JWT, PassThroughClient } = gax.googleAuthLibrary;
  const { protocol, hostname, port } = new URL(apiEndpoint);
  const findClient = async () => {
    if (protocol === 'http:') return new PassThroughClient();
    if (key !== undefined) return new JWT({ email: key.client_email, key: key.private_key, scopes });
    return new GoogleAuth({ scopes, projectId: project }).getClient();
  };
  const authClient = await findClient();
  authClient.transporter.interceptors.response.add({ resolved: refuseFailures });
  const options = {
    fallback: true,
    projectId: project,
    authClient,
    protocol: protocol.slice(0, -1),
    ...(apiEndpoint === gceDefaults.apiEndpoint ? {} : { apiEndpoint: hostname }),
    ...(port === '' ? {} : { port: Number(port) }),
  };
  return { options, gax };
}

const loaded = new Map<readonly string[], Promise<GaxModule>>();

/** Once for each list of services. */
function loadGax(forServices: readonly string[]): Promise<GaxModule> {
  const known = loaded.get(forServices);
  if (known !== undefined) return known;
  const loading = import('google-gax').then((gax) => leanGax(gax, forServices));
  loaded.set(forServices, loading);
  return loading;
}
