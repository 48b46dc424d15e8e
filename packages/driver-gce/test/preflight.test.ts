import type { CheckResult, PreflightRequest } from '@drover/spec';
import { Refusal } from '@drover/fake-clouds/gce';
import { expect, test } from 'vitest';
import { authorizedKey, call, type GceWorld, imageId, instanceType, spotType, world } from './gce-world.ts';

const request: PreflightRequest = { instanceTypes: [instanceType, spotType], imageId, authorizedKey };

async function results(of: GceWorld, changes: Partial<PreflightRequest> = {}): Promise<readonly CheckResult[]> {
  return (await of.set.preflight?.({ ...request, ...changes }, call())) ?? [];
}

async function troubles(of: GceWorld, changes: Partial<PreflightRequest> = {}): Promise<readonly CheckResult[]> {
  return (await results(of, changes)).filter(({ outcome }) => outcome !== 'ok');
}

test('a good set-up passes every check, and nothing is created', async () => {
  const at = await world();
  const found = await results(at);
  expect(found.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  expect(new Set(found.map(({ subject }) => subject))).toEqual(
    new Set(['credentials', 'clock', 'permissions', 'quota', 'image', 'network', 'types', 'key']),
  );
  expect(new Set(found.map(({ message }) => message)).size, 'nothing is told twice').toBe(found.length);
  expect(at.fake.cloud.all()).toEqual([]);
  expect(at.fake.calls.filter(({ body }) => body !== undefined).map(({ id }) => id)).toEqual(
    expect.not.arrayContaining(['compute.instances.insert']),
  );
});

test.each([
  {
    what: 'expired credentials',
    break: ({ fake }: GceWorld) => {
      fake.cloud.faults.intercept = () => {
        throw new Refusal(401, 'authError', 'Invalid Credentials');
      };
    },
    subject: 'credentials',
    setting: 'driver.credentials',
  },
  {
    what: 'a clock that is off',
    break: ({ fake }: GceWorld) => void (fake.cloud.faults.clockSkewMs = -3_600_000),
    subject: 'clock',
    setting: undefined,
  },
  {
    what: 'a missing permission',
    break: ({ fake }: GceWorld) => {
      fake.cloud.faults.permissions = new Set([
        'compute.projects.get',
        'compute.regions.get',
        'compute.images.get',
        'compute.subnetworks.get',
        'compute.machineTypes.get',
      ]);
    },
    subject: 'permissions',
    setting: 'driver.credentials',
  },
  {
    what: 'no quota',
    break: ({ fake }: GceWorld) => void (fake.cloud.faults.quota = { metric: 'N2_CPUS', limit: 2, refused: 'at-once' }),
    subject: 'quota',
    setting: 'instanceTypes.small',
  },
])('$what: the check says so and names the setting', async ({ break: breakIt, subject, setting }) => {
  const at = await world();
  breakIt(at);
  const failed = (await troubles(at, { instanceTypes: [instanceType] })).filter(({ outcome }) => outcome === 'failed');
  expect(failed.length).toBeGreaterThan(0);
  for (const result of failed) {
    expect(result).toMatchObject({ subject, fix: expect.any(String) });
    expect(result.setting).toBe(setting);
  }
});

test.each([
  { params: { project: 'other-project' }, request: {}, subject: 'credentials', setting: 'driver.project' },
  { params: { subnetwork: 'nowhere' }, request: {}, subject: 'network', setting: 'driver.subnetwork' },
  { params: { zones: ['us-central1-z'] }, request: {}, subject: 'types', setting: 'instanceTypes' },
  { params: {}, request: { imageId: 'nope' }, subject: 'image', setting: 'imageId' },
  { params: {}, request: { imageId: '' }, subject: 'image', setting: 'imageId' },
  { params: {}, request: { authorizedKey: 'ssh-dss AAAA' }, subject: 'key', setting: 'ssh.privateKey' },
  {
    params: {},
    request: { instanceTypes: [{ ...instanceType, providerType: 'n9-huge-1' }] },
    subject: 'types',
    setting: 'instanceTypes.small.providerType',
  },
  {
    params: {},
    request: { instanceTypes: [{ ...instanceType, vcpus: 400 }] },
    subject: 'types',
    setting: 'instanceTypes.small',
  },
])('$params $request: $subject fails and names $setting', async ({ params, request: changes, subject, setting }) => {
  const at = await world({}, { params });
  const failed = (await troubles(at, changes)).filter((each) => each.outcome === 'failed' && each.subject === subject);
  expect(failed).toMatchObject([{ setting, fix: expect.any(String) }]);
});
