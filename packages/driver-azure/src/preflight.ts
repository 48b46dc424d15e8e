import type { CheckResult, InstanceType, PreflightRequest } from '@drover/spec';
import { attempt, result } from './check.ts';
import { checkClock } from './check-clock.ts';
import { checkImage } from './check-image.ts';
import { checkNetwork } from './check-network.ts';
import { checkPermissions } from './check-permissions.ts';
import { checkQuota } from './check-quota.ts';
import { checkTypes, type Sizes, sizesOf } from './check-types.ts';
import { askResourceManager } from './resource-manager.ts';
import { keyProblem } from './ssh-key.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** As `InstanceSet.preflight`: looks at everything that Azure shows for free, and creates nothing. */
export async function preflight(
  around: AzureSurroundings,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const key = checkKey(request.authorizedKey);
  const first = await attempt('credentials', around, signal, () => checkCredentials(around, signal));
  if (first.some(({ outcome }) => outcome === 'failed')) return [...first, key];
  const { instanceTypes } = request;
  const [permissions, image, network, types] = await Promise.all([
    attempt('permissions', around, signal, () => checkPermissions(around, request, signal)),
    attempt('image', around, signal, () => checkImage(around, request, signal)),
    attempt('network', around, signal, () => checkNetwork(around, signal)),
    typesAndQuota(around, instanceTypes, signal),
  ]);
  signal.throwIfAborted();
  return [...first, ...permissions, ...types, ...image, ...network, key];
}

/** Signs in, and asks for the resource group of the VMs: the first thing that shows whether ids and names are right. */
async function checkCredentials(around: AzureSurroundings, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const { clients, params, context } = around;
  const token = await clients.credential.getToken(`${clients.resourceManager}/.default`);
  if (token === null)
    return [
      result('credentials', 'failed', 'there are no credentials for Azure', {
        setting: 'driver.clientSecret',
        fix: 'set driver.tenantId, driver.clientId and driver.clientSecret, or give this machine a managed identity',
      }),
    ];
  const scope = `/subscriptions/${params.subscriptionId}/resourceGroups/${params.resourceGroup}`;
  const path = `${scope}/providers/Microsoft.Compute/virtualMachines?api-version=2026-04-01`;
  const { status, body, dateMs } = await askResourceManager(clients, path, signal);
  const clock = checkClock(context.clock.wallMs(), dateMs);
  if (status < 400)
    return [result('credentials', 'ok', `Azure lets us in to the resource group ${params.resourceGroup}`), clock];
  return [...(await attempt('credentials', around, signal, () => Promise.reject(armError(status, body)))), clock];
}

async function typesAndQuota(
  around: AzureSurroundings,
  types: readonly InstanceType[],
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  let sizes: Sizes = new Map();
  const checked = await attempt('types', around, signal, async () => {
    sizes = await sizesOf(around, signal);
    return checkTypes(around, types, sizes);
  });
  const quota = await attempt('quota', around, signal, () => checkQuota(around, types, sizes, signal));
  return [...checked, ...quota];
}

function checkKey(authorizedKey: string): CheckResult {
  const problem = keyProblem(authorizedKey);
  if (problem === undefined) return result('key', 'ok', 'Azure takes SSH keys of this type');
  const { message, setting, fix } = problem;
  return result('key', 'failed', message, { setting, fix });
}

/** In the form of the SDK's errors, for the one table that maps them. */
function armError(status: number, body: unknown): Error {
  const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  const message =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : `Azure answers ${status}`;
  return Object.assign(new Error(message), { statusCode: status, code });
}
