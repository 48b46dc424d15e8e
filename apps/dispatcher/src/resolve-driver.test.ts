import { ConfigError } from '@drover/spec';
import { expect, test } from 'vitest';
import { resolveDriver } from './resolve-driver.ts';

async function problemsOf(config: { name: string; [key: string]: unknown }): Promise<ConfigError['problems']> {
  try {
    await resolveDriver(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('loopback is found and its parameters are checked', async () => {
  expect(await resolveDriver({ name: 'loopback' })).toMatchObject({ name: 'loopback' });
  const problems = await problemsOf({ name: 'loopback', maxInstances: 'many' });
  const message: unknown = expect.stringMatching(/^"driver.maxInstances": invalid/);
  expect(problems).toMatchObject([{ path: 'driver.maxInstances', message }]);
});

test('a parameter that the driver does not know comes with the one that was meant', async () => {
  expect(await problemsOf({ name: 'loopback', maxInstancs: 3 })).toEqual([
    {
      code: 'CONFIG_UNKNOWN_KEY',
      path: 'driver.maxInstancs',
      message: 'unknown key "maxInstancs" in driver',
      fix: 'did you mean "maxInstances"?',
    },
  ]);
});

test.each(['no-such-driver', 'node:path'])('%s is no driver, and the error says what there is', async (name) => {
  expect(await problemsOf({ name })).toMatchObject([
    { code: 'CONFIG_UNKNOWN_DRIVER', path: 'driver.name', fix: expect.stringContaining('loopback') },
  ]);
});

test('gce is found, its parameters are checked and its key is read from where the configuration says', async () => {
  const key = JSON.stringify({
    type: 'service_account',
    client_email: 'a@b',
    private_key: '-----BEGIN PRIVATE KEY-----',
  });
  const config = { name: 'gce', project: 'my-lab-1234', zones: ['us-central1-a'], credentials: 'env:KEY' };
  expect(await resolveDriver(config, { KEY: key })).toMatchObject({ name: 'gce' });
  expect(await problemsOf({ ...config, zones: [], credentials: key })).toMatchObject([
    { path: 'driver.credentials', fix: 'write file:PATH or env:NAME' },
    { path: 'driver.zones', message: expect.stringContaining('at least one zone') },
  ]);
});
