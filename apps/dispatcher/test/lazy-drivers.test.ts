import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('list-loaded-modules.ts', import.meta.url));

/** Packages that a process has loaded once it has resolved the driver. */
function loadedWith(driver: Readonly<Record<string, unknown>>): readonly string[] {
  const args = ['--conditions=@drover/source', program, JSON.stringify(driver)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n');
}

const sdks = /node_modules\/(@azure|@aws-sdk|@smithy|@google-cloud|google-gax)\//;

test.each([
  { name: 'loopback' },
  { name: 'ec2', region: 'us-east-1' },
  { name: 'gce', project: 'my-lab-1234', zones: ['us-central1-a'] },
  {
    name: 'azure',
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    resourceGroup: 'vms',
    network: 'pool',
    subnet: 'workers',
  },
])('resolving and checking the driver $name loads no SDK of a cloud', (driver) => {
  const loaded = loadedWith(driver);
  expect(loaded.some((url) => url.includes(`/driver-${driver.name}/`))).toBe(true);
  expect(loaded.filter((url) => sdks.test(url))).toEqual([]);
});
