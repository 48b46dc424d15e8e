import type { PermissionPolicy } from '@drover/spec';
import type { AzureParams } from './params.ts';

/** Actions that the driver's calls need, by where they are needed; names from Microsoft's list of resource provider operations. */
export const neededActions = {
  /** In the resource group of the VMs. Azure asks for the disks' and the network interface's too when a VM is made with them. */
  vms: [
    'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Compute/virtualMachines/write',
    'Microsoft.Compute/virtualMachines/delete',
    'Microsoft.Compute/disks/read',
    'Microsoft.Compute/disks/write',
    'Microsoft.Compute/disks/delete',
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Network/networkInterfaces/write',
    'Microsoft.Network/networkInterfaces/delete',
    'Microsoft.Network/networkInterfaces/join/action',
  ],
  /** In the resource group of the network. */
  network: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
  /** In the resource group of the image; none for marketplace images. */
  image: [
    'Microsoft.Compute/images/read',
    'Microsoft.Compute/galleries/images/read',
    'Microsoft.Compute/galleries/images/versions/read',
  ],
  /** For the subscription: to see how a create or a removal goes on. */
  operations: ['Microsoft.Compute/locations/operations/read', 'Microsoft.Network/locations/operations/read'],
  /** Only to check without creating; `drover doctor` says what it could not look at. */
  preflight: [
    'Microsoft.Authorization/permissions/read',
    'Microsoft.Compute/locations/usages/read',
    'Microsoft.Compute/skus/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/virtualNetworks/usages/read',
  ],
} as const;

/** A role with the least that these parameters need, as `az role definition create` takes it. */
export function permissionsOf(params: AzureParams): PermissionPolicy {
  const {
    subscriptionId,
    resourceGroup,
    networkResourceGroup = resourceGroup,
    imageResourceGroup = resourceGroup,
  } = params;
  const groups = [...new Set([resourceGroup, networkResourceGroup, imageResourceGroup])];
  const scope = `/subscriptions/${subscriptionId}`;
  return {
    kind: 'role definition',
    document: {
      Name: 'drover dispatcher',
      IsCustom: true,
      Description: 'Creates, tags, watches and deletes the VMs of drover, their disks and network interfaces.',
      Actions: Object.values(neededActions).flat().toSorted(),
      NotActions: [],
      AssignableScopes: [scope],
    },
    notes: [
      'Write it to role.json and run: az role definition create --role-definition @role.json',
      ...groups.map(
        (group) =>
          `Assign it there: az role assignment create --role "drover dispatcher" --assignee CLIENT_ID --scope ${scope}/resourceGroups/${group}`,
      ),
      `For ${[...neededActions.operations, ...neededActions.preflight.slice(1, 3)].join(', ')} Azure looks at the subscription: assign a role with only these at ${scope}.`,
      `Only drover doctor needs ${neededActions.preflight.join(', ')}; without them it says what it could not look at.`,
      'Deletes cannot be restricted to tags in Azure: give the VMs a resource group of their own.',
    ],
  };
}
