import { AuthError, type CheckResult, type PreflightRequest, TransientCloudError } from '@drover/spec';
import { z } from 'zod';
import { result } from './check.ts';
import { parseImage } from './image-reference.ts';
import { neededActions } from './permissions.ts';
import { askResourceManager } from './resource-manager.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** Answer to what one may do in a resource group (Microsoft.Authorization, 2022-04-01). */
const permissions = z.object({
  value: z.array(z.object({ actions: z.array(z.string()).default([]), notActions: z.array(z.string()).default([]) })),
});
type Grant = z.output<typeof permissions>['value'][number];

const apiVersion = '2022-04-01';

/** Asks for the permissions in each resource group, and compares them with what the driver needs there. */
export async function checkPermissions(
  around: AzureSurroundings,
  { imageId }: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { resourceGroup, networkResourceGroup = resourceGroup } = around.params;
  const image = parseImage(imageId, around.params);
  const imageActions = neededActions.image.filter(
    (action) => action.includes('galleries') === (image.kind === 'gallery'),
  );
  const needs = [
    { group: resourceGroup, actions: neededActions.vms, setting: 'driver.resourceGroup' },
    { group: networkResourceGroup, actions: neededActions.network, setting: 'driver.networkResourceGroup' },
    ...('resourceGroup' in image
      ? [{ group: image.resourceGroup, actions: imageActions, setting: 'driver.imageResourceGroup' }]
      : []),
  ];
  const results: CheckResult[] = [];
  for (const { group, actions, setting } of needs) {
    const grants = await grantsIn(around, group, signal);
    const missing = actions.filter((action) => !grants.some((grant) => allows(grant, action)));
    if (missing.length > 0)
      results.push(
        result(
          'permissions',
          'failed',
          `the identity may not do this in the resource group ${group}: ${missing.join(', ')}`,
          {
            setting,
            fix: 'assign the role that `drover driver permissions azure` prints',
          },
        ),
      );
  }
  return results.length > 0 ? results : [result('permissions', 'ok', 'the identity may do everything that is needed')];
}

async function grantsIn(
  { clients, params }: AzureSurroundings,
  group: string,
  signal: AbortSignal,
): Promise<readonly Grant[]> {
  const scope = `/subscriptions/${params.subscriptionId}/resourceGroups/${group}`;
  const path = `${scope}/providers/Microsoft.Authorization/permissions?api-version=${apiVersion}`;
  const { status, body } = await askResourceManager(clients, path, signal);
  if (status === 401 || status === 403) throw new AuthError(`azure: the permissions in ${group} are not to be seen`);
  const parsed = permissions.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data.value;
  throw new TransientCloudError(`azure: Azure answers ${status} to what may be done in the resource group ${group}`);
}

function allows({ actions, notActions }: Grant, action: string): boolean {
  return actions.some((pattern) => matches(pattern, action)) && !notActions.some((pattern) => matches(pattern, action));
}

/** Azure's patterns: `*` stands for anything, case does not matter. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split('*')
    .map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(action.toLowerCase());
}
