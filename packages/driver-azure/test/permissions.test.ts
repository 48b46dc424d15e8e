import { fakeAzureParams } from '@drover/fake-clouds/azure';
import { AuthError } from '@drover/spec';
import { expect, test } from 'vitest';
import { driver } from '../src/driver.ts';
import { azureParams } from '../src/params.ts';
import { neededActions } from '../src/permissions.ts';
import { authorizedKey, call, createVm, instanceType, newWorld, setTags, until } from './azure-world.ts';

const policy = driver.permissions?.(azureParams.parse(fakeAzureParams), {
  instanceSetId: 'set-a',
  tagKeyPrefix: 'Arvados',
});

/** Everything the driver does, under a role with these actions; rejects or gives false where something is refused. */
async function wholeLife(actions: readonly string[]): Promise<boolean> {
  const world = await newWorld({ actions });
  const set = await world.open();
  world.fake.region.leaveBehind = true;
  const instance = await createVm(set, 'one');
  await world.clock.advance(60_000);
  await set.setTags(instance, { a: 'b' }, call());
  await set.list(setTags, call());
  await set.describe(instance.id, call());
  await set.destroy(instance, call());
  const { region } = world.fake;
  await until(world, 'nothing is left, or something was refused', async () => {
    const left = region.vms().length + region.dangling('disks').length + region.dangling('networkInterfaces').length;
    return left === 0 || refusals(set) > 0 ? true : undefined;
  });
  return refusals(set) === 0;
}

function refusals(set: Awaited<ReturnType<Awaited<ReturnType<typeof newWorld>>['open']>>): number {
  return set.metrics?.().find(({ name }) => name === 'azure_removal_failures_total')?.value ?? 0;
}

function granted(): readonly string[] {
  const actions = policy?.document['Actions'];
  return Array.isArray(actions) ? actions.map(String) : [];
}

test('the role is in the form that Azure takes, and covers the subscription alone', () => {
  expect(policy).toMatchObject({
    kind: 'role definition',
    document: {
      IsCustom: true,
      NotActions: [],
      AssignableScopes: [`/subscriptions/${fakeAzureParams.subscriptionId}`],
    },
  });
  expect(granted().filter((action) => action.includes('*'))).toEqual([]);
});

test('under exactly this role the driver does all it does, and every check is well', async () => {
  expect(await wholeLife(granted())).toBe(true);
  const world = await newWorld({ actions: granted() });
  const set = await world.open();
  const results = await set.preflight?.({ instanceTypes: [instanceType], imageId: 'worker', authorizedKey }, call());
  expect(results?.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
});

test.each([...neededActions.vms, ...neededActions.network, 'Microsoft.Compute/images/read'])(
  'without %s something is refused',
  async (missing) => {
    const went = await wholeLife(granted().filter((action) => action !== missing)).catch((error: unknown) =>
      error instanceof AuthError ? 'refused' : error,
    );
    // What only background work needs shows in its count.
    expect([false, 'refused']).toContain(went);
  },
);
