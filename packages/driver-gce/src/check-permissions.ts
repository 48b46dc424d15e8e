import type { CheckResult } from '@drover/spec';
import * as z from 'zod';
import { type Check, type CheckContext, result } from './check.ts';
import { isNotFound } from './map-error.ts';
import { regionOf } from './params.ts';
import { neededPermissions } from './permissions.ts';

const grantedSchema = z.object({ permissions: z.array(z.string()).nullish() });

const fix = 'give the dispatcher the role that `drover driver permissions gce` prints';

/** What of the permissions Google lets one ask about: those on instances and on the subnetwork. */
export const checkPermissions: Check = {
  subject: 'permissions',
  doing: 'ask for the permissions',
  setting: 'driver.credentials',
  look: async (context) => [...(await onInstances(context)), ...(await onSubnetwork(context))],
};

async function onInstances({ params, sdk, options }: CheckContext): Promise<readonly CheckResult[]> {
  const { always, networkTags, serviceAccount } = neededPermissions;
  const permissions = [
    ...always.filter((name) => name.startsWith('compute.instances.')),
    ...(params.networkTags.length > 0 ? networkTags : []),
    ...(params.serviceAccount === undefined ? [] : serviceAccount),
  ];
  const [zone = ''] = params.zones;
  const resource = `${params.namePrefix}-preflight`;
  try {
    const request = { project: params.project, zone, resource, testPermissionsRequestResource: { permissions } };
    return judge(permissions, (await sdk.instances.testIamPermissions(request, options))[0], 'instances');
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return [result('permissions', 'skipped', 'Google tells the permissions on instances only once there is one.')];
  }
}

async function onSubnetwork({ params, sdk, options }: CheckContext): Promise<readonly CheckResult[]> {
  const { subnetwork, externalAddress, zones } = params;
  if (subnetwork === undefined) return [];
  const [, hostProject, name] = /projects\/([^/]+)\/regions\/[^/]+\/subnetworks\/([^/]+)$/.exec(subnetwork) ?? [];
  const permissions = ['compute.subnetworks.use', ...(externalAddress ? neededPermissions.externalAddress : [])];
  const request = {
    project: hostProject ?? params.project,
    region: regionOf(zones[0] ?? ''),
    resource: name ?? subnetwork,
    testPermissionsRequestResource: { permissions },
  };
  return judge(
    permissions,
    (await sdk.subnetworks.testIamPermissions(request, options))[0],
    `subnetwork ${request.resource}`,
  );
}

function judge(asked: readonly string[], answer: unknown, what: string): readonly CheckResult[] {
  const granted = new Set(grantedSchema.parse(answer).permissions);
  const missing = asked.filter((permission) => !granted.has(permission));
  if (missing.length === 0) return [result('permissions', 'ok', `Everything that is needed on ${what} is permitted.`)];
  return [
    result('permissions', 'failed', `Not permitted on ${what}: ${missing.join(', ')}.`, 'driver.credentials', fix),
  ];
}
