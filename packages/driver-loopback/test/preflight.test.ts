import type { CheckResult, InstanceSet, PreflightRequest } from '@drover/spec';
import { expect, test } from 'vitest';
import { call, dispatcherKey, newWorld, type OpenOptions } from './loopback-world.ts';
import { instanceType } from './surroundings.ts';

async function check(
  request: Partial<PreflightRequest> = {},
  options: OpenOptions = {},
): Promise<readonly CheckResult[]> {
  const set: InstanceSet = await newWorld().open(options);
  const full = {
    instanceTypes: [{ ...instanceType, vcpus: 1, ramBytes: 2 ** 20 }],
    imageId: '',
    authorizedKey: dispatcherKey.public,
    maxInstances: 1,
    ...request,
  };
  return (await set.preflight?.(full, call())) ?? [];
}

function about(checks: readonly CheckResult[], subject: CheckResult['subject']): readonly CheckResult[] {
  return checks.filter((result) => result.subject === subject);
}

test('a machine that is fit has nothing that failed, and every subject was looked at', async () => {
  const checks = await check();
  expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(new Set(checks.map(({ subject }) => subject))).toEqual(
    new Set(['permissions', 'quota', 'types', 'network', 'key', 'image']),
  );
});

test('a pool that may ask for more VMs than the driver allows, or that promise more than the machine has', async () => {
  const checks = await check({ maxInstances: 9, instanceTypes: [{ ...instanceType, vcpus: 1000, ramBytes: 2 ** 50 }] });
  expect(about(checks, 'quota')).toContainEqual(
    expect.objectContaining({ outcome: 'warning', setting: 'driver.maxInstances' }),
  );
  expect(about(checks, 'types')).toMatchObject([{ outcome: 'warning', setting: 'instanceTypes' }]);
  expect(about(await check({ maxInstances: 0 }), 'quota')).toContainEqual(
    expect.objectContaining({ outcome: 'warning', message: expect.stringContaining('any number of VMs') }),
  );
});

test('no key for new VMs fails, an image is not used', async () => {
  const checks = await check({ authorizedKey: '', imageId: 'debian-13' });
  expect(about(checks, 'key')).toMatchObject([{ outcome: 'failed', setting: 'ssh.deployPublicKey' }]);
  expect(about(checks, 'image')).toMatchObject([{ outcome: 'warning', setting: 'pool.imageId' }]);
});

test('an aborted one says so', async () => {
  const set = await newWorld().open();
  const request = { instanceTypes: [], imageId: '', authorizedKey: '' };
  await expect(set.preflight?.(request, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CLOUD_TRANSIENT',
  });
});
