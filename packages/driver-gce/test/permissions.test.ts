import { expect, test } from 'vitest';
import { driver } from '../src/driver.ts';
import { gceParams } from '../src/params.ts';
import { neededPermissions } from '../src/permissions.ts';
import { call, createOne, type GceWorld, setTags, world } from './gce-world.ts';

const all = {
  externalAddress: true,
  networkTags: ['ssh'],
  serviceAccount: { email: 'workers@fake-project.iam.gserviceaccount.com' },
};

function roleOf(params: object): ReadonlySet<string> {
  const parsed = gceParams.parse({ project: 'fake-project', zones: ['us-central1-a'], ...params });
  const included = driver.permissions?.(parsed, { instanceSetId: 'set-a', tagKeyPrefix: '' })?.document[
    'includedPermissions'
  ];
  return new Set(Array.isArray(included) ? included.map(String) : []);
}

/** Everything that a dispatcher does with a VM. */
async function wholeLife({ set }: GceWorld): Promise<void> {
  const instance = await createOne(set);
  await set.list(setTags, call());
  await set.setTags(instance, { a: 'b', long: 'x'.repeat(100) }, call());
  expect(await set.hostKeys?.(instance.id, call())).toHaveLength(2);
  await set.destroy(instance, call());
}

test.each([{}, all])('everything works under exactly the role that is printed for %o', async (params) => {
  const at = await world({}, { params });
  at.fake.cloud.faults.permissions = roleOf(params);
  await expect(wholeLife(at)).resolves.toBeUndefined();
});

test.each([
  ...neededPermissions.always,
  ...neededPermissions.externalAddress,
  ...neededPermissions.networkTags,
  ...neededPermissions.serviceAccount,
])('without %s it does not work, and the error says how to get it', async (permission) => {
  const at = await world({}, { params: all });
  at.fake.cloud.faults.permissions = new Set([...roleOf(all)].filter((each) => each !== permission));
  const error: unknown = await wholeLife(at).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CLOUD_AUTH', message: expect.stringContaining(permission) });
});

test('the role is a document that gcloud takes, and the notes say where it goes', () => {
  const params = gceParams.parse({
    project: 'my-lab-1',
    zones: ['us-central1-a'],
    subnetwork: 'projects/host-1/regions/us-central1/subnetworks/s',
    ...all,
  });
  const policy = driver.permissions?.(params, { instanceSetId: 'x', tagKeyPrefix: '' });
  expect(policy).toMatchObject({ kind: 'custom role', document: { stage: 'GA', title: expect.any(String) } });
  expect(policy?.notes.join('\n')).toMatch(
    /gcloud iam roles create .*--project=my-lab-1[\s\S]*serviceAccountUser[\s\S]*host-1/,
  );
});
