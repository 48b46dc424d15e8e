import { ArmError } from './arm-error.ts';
import { textAt } from './json.ts';
import type { ArmCall } from './route.ts';

const verbs: Readonly<Record<string, string>> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

/** Refuses a call for which the caller's role lacks an action, as Azure does: the resource's own, then those of what it is linked to. */
export function checkActions(granted: readonly string[], call: ArmCall): void {
  const own = `${call.path.kind}/${verbs[call.method] ?? 'action'}`;
  const id = call.url.pathname;
  if (!isGranted(granted, own))
    throw new ArmError(
      403,
      'AuthorizationFailed',
      `The client 'c' with object id 'o' does not have authorization to perform action '${own}' over scope '${id}' or the ` +
        'scope is invalid. If access was recently granted, please refresh your credentials.',
    );
  const linked = linkedActions(call).find((action) => !isGranted(granted, action));
  if (linked !== undefined)
    throw new ArmError(
      403,
      'LinkedAuthorizationFailed',
      `The client has permission to perform action '${own}' on scope '${id}', however the linked subscription was not found ` +
        `or it does not have permission to perform action '${linked}' on the linked scope.`,
    );
}

/** What creating a VM does beside: its disks, its network interface in the subnet, the image it reads. */
function linkedActions({ method, path, body }: ArmCall): readonly string[] {
  if (method !== 'PUT' || path.kind !== 'microsoft.compute/virtualmachines') return [];
  const image = textAt(body, 'properties', 'storageProfile', 'imageReference', 'id');
  return [
    'Microsoft.Compute/disks/write',
    'Microsoft.Network/networkInterfaces/write',
    'Microsoft.Network/networkInterfaces/join/action',
    'Microsoft.Network/virtualNetworks/subnets/join/action',
    ...(image.includes('/galleries/') ? ['Microsoft.Compute/galleries/images/versions/read'] : []),
    ...(image.includes('/Microsoft.Compute/images/') ? ['Microsoft.Compute/images/read'] : []),
  ];
}

function isGranted(granted: readonly string[], action: string): boolean {
  return granted.some((one) => one === '*' || one.toLowerCase() === action.toLowerCase());
}
