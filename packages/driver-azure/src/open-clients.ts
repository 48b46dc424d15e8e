import type { Pipeline } from '@azure/core-rest-pipeline';
import { addressesOf } from './cloud-environment.ts';
import { keepErrorPolicy } from './keep-error-policy.ts';
import type { AzureParams } from './params.ts';
import type { ComputeClient, Credential, NetworkClient } from './sdk-subset.ts';

/** What an embedder or a test may decide beside the configuration. */
export interface AzureDriverOptions {
  /** Instead of the credentials that the parameters tell of. */
  readonly credential?: Credential;
  /** Instead of the sign-in of the cloud, e.g. of an Azure Stack. */
  readonly signIn?: string;
  /** Certificates to trust instead of the usual ones, PEM. */
  readonly ca?: string;
}

/** Clients of one subscription. */
export interface AzureClients {
  readonly compute: ComputeClient;
  readonly network: NetworkClient;
  readonly credential: Credential;
  /** Base URL of Azure Resource Manager. */
  readonly resourceManager: string;
  /** Of the SDK, with sign-in; for what its clients do not ask. */
  readonly pipeline: Pipeline;
}

/** Loads Microsoft's SDK, only now because it is heavy, and makes its clients; talks to nobody yet. */
export async function openClients(params: AzureParams, options: AzureDriverOptions): Promise<AzureClients> {
  const resourceManager = (params.endpoint ?? addressesOf(params.cloudEnvironment).resourceManager).replace(/\/+$/, '');
  const [{ ComputeManagementClient }, { NetworkManagementClient }, credential] = await Promise.all([
    import('@azure/arm-compute'),
    import('@azure/arm-network'),
    options.credential ?? openCredential(params, options),
  ]);
  const sdkOptions = {
    endpoint: resourceManager,
    credentials: { scopes: [`${resourceManager}/.default`] },
    // The pool throttles and repeats; two layers of it would add up.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: keepErrorPolicy, position: 'perCall' as const }],
    ...(options.ca === undefined ? {} : { tlsOptions: { ca: options.ca } }),
  };
  const compute = new ComputeManagementClient(credential, params.subscriptionId, sdkOptions);
  return {
    compute,
    network: new NetworkManagementClient(credential, params.subscriptionId, sdkOptions),
    credential,
    resourceManager,
    pipeline: compute.pipeline,
  };
}

async function openCredential(params: AzureParams, { signIn, ca }: AzureDriverOptions): Promise<Credential> {
  const { tenantId, clientId, clientSecret, endpoint, cloudEnvironment } = params;
  const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
  const authorityHost = signIn ?? (endpoint === undefined ? addressesOf(cloudEnvironment).signIn : undefined);
  const identityOptions = {
    ...(authorityHost === undefined ? {} : { authorityHost }),
    // The sign-in of an Azure Stack or a test is not in the list that Microsoft keeps of its own.
    ...(signIn === undefined && endpoint === undefined ? {} : { disableInstanceDiscovery: true }),
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  };
  if (clientSecret !== undefined && tenantId !== undefined && clientId !== undefined)
    return new ClientSecretCredential(tenantId, clientId, clientSecret, {
      ...identityOptions,
      retryOptions: { maxRetries: 0 },
    });
  return new DefaultAzureCredential({
    ...identityOptions,
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
  });
}
