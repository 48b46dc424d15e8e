import { type FakeAzure, fakeAzureDefaults, fakeAzureParams } from '@drover/fake-clouds/azure';
import type { InstanceSet } from '@drover/spec';
import { SimulatedClock } from '@drover/testkit';
import { expect, test } from 'vitest';
import { createAzureDriver } from '../src/driver.ts';
import { azureParams } from '../src/params.ts';
import { call, context, createVm, newWorld, setTags } from './azure-world.ts';

const clientId = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const clientSecrets = { [clientId]: { secret: 'right' } };

/** Opens a set that signs in with a client secret, through Microsoft's own library. */
function open(fake: FakeAzure, changes: Readonly<Record<string, unknown>> = {}): Promise<InstanceSet> {
  const params = azureParams.parse({
    ...fakeAzureParams,
    endpoint: fake.url,
    tenantId: fakeAzureDefaults.tenantId,
    clientId,
    clientSecret: 'right',
    ...changes,
  });
  return createAzureDriver({ ca: fake.ca, signIn: fake.url }).open(params, context(new SimulatedClock(), 'set-a'));
}

test('a client secret signs in', async () => {
  const { fake } = await newWorld({ clientSecrets });
  const set = await open(fake);
  expect(await createVm(set, 'one')).toMatchObject({ lifecycle: 'pending' });
  await set.close();
});

test.each([
  ['a wrong secret', { clientSecret: 'wrong' }, 'driver.clientSecret'],
  ['an application that is not there', { clientId: fakeAzureDefaults.subscriptionId }, 'driver.clientId'],
  ['a tenant that is not there', { tenantId: fakeAzureDefaults.subscriptionId }, 'driver.tenantId'],
])('%s: the error names the setting, and says nothing secret', async (_what, changes, setting) => {
  const { fake } = await newWorld({ clientSecrets });
  const set = await open(fake, changes);
  const error: unknown = await set.list(setTags, call()).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'CLOUD_AUTH', fix: expect.stringContaining(setting) });
  expect(String(error)).not.toContain('wrong');
  await set.close();
});

test('a secret that has expired', async () => {
  const { fake } = await newWorld({ clientSecrets: { [clientId]: { secret: 'right', expired: true } } });
  const set = await open(fake);
  await expect(set.list(setTags, call())).rejects.toMatchObject({
    code: 'CLOUD_AUTH',
    fix: expect.stringMatching(/driver\.clientSecret has expired/),
  });
  await set.close();
});

test('a sign-in that cannot be reached may pass', async () => {
  const { fake } = await newWorld({ clientSecrets });
  const params = azureParams.parse({
    ...fakeAzureParams,
    endpoint: fake.url,
    tenantId: fakeAzureDefaults.tenantId,
    clientId,
    clientSecret: 'right',
  });
  const driver = createAzureDriver({ ca: fake.ca, signIn: 'https://127.0.0.1:1' });
  const set = await driver.open(params, context(new SimulatedClock(), 'set-a'));
  await expect(set.list(setTags, call())).rejects.toMatchObject({ code: 'CLOUD_TRANSIENT' });
  await set.close();
});
