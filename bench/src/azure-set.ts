import type { AzureDriverOptions, AzureParams } from '@drover/driver-azure';
import type { Driver, InstanceSet } from '@drover/spec';
import { realClock } from '@drover/testkit/real-clock';

/** Parameters as a site would write them; the ids are the fake's. */
export const azureParams = {
  subscriptionId: '11111111-2222-3333-4444-555555555555',
  resourceGroup: 'vms',
  networkResourceGroup: 'networks',
  network: 'pool',
  subnet: 'workers',
};

/** Opens an instance set, at the fake if there is one, else with a client secret that is never used. */
export async function openAzure(
  createDriver: (options?: AzureDriverOptions) => Driver<AzureParams>,
  fake?: { readonly url: string; readonly ca: string; readonly token: string },
): Promise<InstanceSet> {
  const getToken = async () => ({ token: fake?.token ?? '', expiresOnTimestamp: Date.now() + 3_600_000 });
  const driver = createDriver(fake === undefined ? {} : { ca: fake.ca, credential: { getToken } });
  const secret = { tenantId: azureParams.subscriptionId, clientId: azureParams.subscriptionId, clientSecret: 'unused' };
  const checked = await driver.params['~standard'].validate({
    ...azureParams,
    ...(fake === undefined ? secret : { endpoint: fake.url }),
  });
  if (checked.issues !== undefined) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return driver.open(checked.value, {
    clock: realClock,
    random: { next: () => 0.5, hex: (bytes) => '0'.repeat(2 * bytes) },
    instanceSetId: 'bench',
    tagKeyPrefix: '',
    instanceTypes: [],
    stateDirectory: '.',
  });
}
