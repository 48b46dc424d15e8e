import { expect, test } from 'vitest';
import { loadDriver } from '../load-driver.ts';
import { cloudSettings } from './cloud-settings.ts';

// Loaded here and not in a test: on a busy machine it takes seconds.
const drivers = await Promise.all(['ec2', 'gce', 'azure'].map(loadDriver));

test.each(drivers)(
  '$name: the dispatcher logs in as whom the driver gives the key to',
  ({ name, paramsJsonSchema }) => {
    expect(paramsJsonSchema['properties']).toMatchObject({
      adminUsername: { default: cloudSettings({ name }).adminUser },
    });
    expect(cloudSettings({ name, adminUsername: 'worker' })).toEqual({ adminUser: 'worker' });
  },
);

test('other drivers change nothing', () => {
  expect(cloudSettings({ name: 'loopback' })).toEqual({});
});
