import type { PermissionPolicy } from '@drover/spec';
import type { GceParams } from './params.ts';

/** What the driver calls for, and what those calls need (Compute Engine's documentation of its IAM permissions). */
export const neededPermissions = {
  always: [
    'compute.disks.create',
    'compute.disks.setLabels',
    'compute.images.useReadOnly',
    'compute.instances.create',
    'compute.instances.delete',
    'compute.instances.get',
    'compute.instances.getGuestAttributes',
    'compute.instances.list',
    'compute.instances.setLabels',
    'compute.instances.setMetadata',
    'compute.subnetworks.use',
    'compute.zoneOperations.get',
  ],
  /** For `drover doctor` alone. */
  preflight: [
    'compute.images.get',
    'compute.images.getFromFamily',
    'compute.machineTypes.get',
    'compute.projects.get',
    'compute.regions.get',
    'compute.subnetworks.get',
  ],
  externalAddress: ['compute.subnetworks.useExternalIp'],
  networkTags: ['compute.instances.setTags'],
  serviceAccount: ['compute.instances.setServiceAccount'],
} as const;

/** A custom role with the least that these parameters need. */
export function permissionsOf(params: GceParams): PermissionPolicy {
  const { externalAddress, networkTags, serviceAccount, subnetwork, project } = params;
  const included = [
    ...neededPermissions.always,
    ...neededPermissions.preflight,
    ...(externalAddress ? neededPermissions.externalAddress : []),
    ...(networkTags.length > 0 ? neededPermissions.networkTags : []),
    ...(serviceAccount === undefined ? [] : neededPermissions.serviceAccount),
  ].toSorted();
  const host = subnetwork === undefined ? undefined : /^projects\/([^/]+)\//.exec(subnetwork)?.[1];
  return {
    kind: 'custom role',
    document: {
      title: 'drover dispatcher',
      description: 'Creates, labels, watches and deletes the VMs of drover.',
      stage: 'GA',
      includedPermissions: included,
    },
    notes: [
      `Write it to role.json and run: gcloud iam roles create droverDispatcher --project=${project} --file=role.json`,
      `Only drover doctor needs ${neededPermissions.preflight.join(', ')}; all others are needed for every VM.`,
      ...(serviceAccount === undefined
        ? []
        : [
            `Let the dispatcher act as the service account of the VMs: role roles/iam.serviceAccountUser on ${serviceAccount.email}.`,
          ]),
      ...(host === undefined || host === project
        ? []
        : [
            `The subnetwork is in ${host}: give compute.subnetworks.use (and useExternalIp) there, on the subnetwork alone if you like.`,
          ]),
      'An image of another project needs compute.images.useReadOnly there; the public images of Google are open to all.',
    ],
  };
}
