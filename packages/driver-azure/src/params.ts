import { z } from 'zod';
import { azureDefaults } from './azure-options.ts';
import { cloudEnvironments } from './cloud-environment.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Azure refuses these for Linux, by its documentation of OSProfile.adminUsername. */
const refusedUsers =
  'administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david guest ' +
  'john owner root server sql support support_388945a0 sys test2 test3 user4 user5';
const unmanaged =
  'unmanaged VHD images are not supported; make a managed image of it, name it in pool.imageId, and remove this';

const id = (what: string, command: string) =>
  z
    .string({ error: `needed: ${what}; \`${command}\` prints it` })
    .regex(uuid, `is not a UUID; \`${command}\` prints it`);

/** Resource groups, networks and the like: what Azure allows in their names. */
const name = (what: string) =>
  z
    .string({ error: `needed: the name of ${what}` })
    .regex(/^[\w.()-]{1,90}$/, `is not a name that Azure allows for ${what}; write the name, not the whole id`);

const duration = z
  .union([z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'needs a number and a unit; write 20s or 5m'), z.literal(0)])
  .transform((value) => (value === 0 ? 0 : durationMs(value)));

const fields = z.strictObject({
  subscriptionId: id('the subscription that pays', 'az account show --query id'),
  tenantId: id('the tenant of the application', 'az account show --query tenantId')
    .optional()
    .describe('Needed with clientSecret.'),
  clientId: id('the application', 'az ad sp list --display-name NAME --query [].appId')
    .optional()
    .describe('The application that acts, or the user-assigned managed identity when there is no clientSecret.'),
  clientSecret: z.string().min(1, 'is empty; make a client secret for the application').optional().meta({
    writeOnly: true,
    description:
      'file:PATH or env:NAME. Without it: managed identity, workload identity, AZURE_* variables or `az login`.',
  }),
  cloudEnvironment: z
    .enum(cloudEnvironments, { error: `is no cloud; write one of ${cloudEnvironments.join(', ')}` })
    .default(azureDefaults.cloudEnvironment),
  endpoint: z
    .url({ protocol: /^https$/, error: 'is no address of Azure Resource Manager; it begins with https://' })
    .optional()
    .describe('Another address of Azure Resource Manager, for Azure Stack and tests.'),
  location: z
    .string()
    .regex(
      /^[a-z0-9]+$/,
      'is no location; write it as `az account list-locations --query [].name` does, e.g. centralus',
    )
    .default(azureDefaults.location),
  zones: z
    .array(z.string().regex(/^[1-9]$/, 'is no zone; write "1", "2" or "3", in quotes'))
    .refine((zones) => new Set(zones).size === zones.length, 'names a zone twice; remove one')
    .default([])
    .describe('Availability zones, each an offering of its own. None: Azure chooses, and tells no zone.'),
  resourceGroup: name('the resource group for the VMs').describe(
    'VMs, network interfaces and disks go here; best one of their own.',
  ),
  imageResourceGroup: name('the resource group of the image').optional().describe('Default: resourceGroup.'),
  sharedImageGalleryName: name('the gallery').optional().describe('pool.imageId is the image definition in it.'),
  sharedImageGalleryImageVersion: z
    .string()
    .regex(/^(\d+\.\d+\.\d+|latest)$/, 'is no version; write 1.2.3 or latest')
    .optional(),
  network: name('the virtual network'),
  networkResourceGroup: name('the resource group of the network').optional().describe('Default: resourceGroup.'),
  subnet: name('the subnet in the network'),
  adminUsername: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'is no user name; write small letters, digits, _ and -')
    .refine((user) => !refusedUsers.split(' ').includes(user), 'is a user name that Azure refuses; choose another')
    .default(azureDefaults.adminUsername)
    .describe('Gets the key; ssh.user must be the same.'),
  diskType: z
    .enum(['Standard_LRS', 'StandardSSD_LRS', 'Premium_LRS'])
    .default(azureDefaults.diskType)
    .describe('Of the system disk and of added scratch.'),
  deleteDanglingResourcesAfter: duration
    .default(azureDefaults.deleteDanglingResourcesAfterMs)
    .describe('Network interfaces and disks of ours without a VM are removed after this; 0: never. Default 20s.'),
  storageAccount: z.never(unmanaged).optional(),
  blobContainer: z.never(unmanaged).optional(),
});

/** Also when other fields are wrong, so that all problems are told at once. */
const always = { when: () => true };
type Loose = Readonly<Record<string, unknown>>;
const has = (params: Loose, key: string): boolean => params[key] !== undefined;

/** What the configuration may say about the Azure driver; the names are the reference's, in camelCase. */
export const azureParams = fields
  .refine((p: Loose) => has(p, 'sharedImageGalleryName') || !has(p, 'sharedImageGalleryImageVersion'), {
    ...always,
    path: ['sharedImageGalleryName'],
    error: 'needed with sharedImageGalleryImageVersion; give both or neither',
  })
  .refine((p: Loose) => !has(p, 'sharedImageGalleryName') || has(p, 'sharedImageGalleryImageVersion'), {
    ...always,
    path: ['sharedImageGalleryImageVersion'],
    error: 'needed with sharedImageGalleryName; give both or neither',
  })
  .refine((p: Loose) => !has(p, 'clientSecret') || has(p, 'clientId'), {
    ...always,
    path: ['clientId'],
    error: 'needed with clientSecret: the application that the secret belongs to',
  })
  .refine((p: Loose) => !has(p, 'clientSecret') || has(p, 'tenantId'), {
    ...always,
    path: ['tenantId'],
    error: 'needed with clientSecret; `az account show --query tenantId` prints it',
  });

/** Parameters of the Azure driver, defaults filled in; `deleteDanglingResourcesAfter` in milliseconds. */
export type AzureParams = z.output<typeof azureParams>;

/** The same as JSON Schema draft-07. */
export const azureParamsJsonSchema: Readonly<Record<string, unknown>> = z.toJSONSchema(azureParams, {
  target: 'draft-7',
  io: 'input',
});

function durationMs(text: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  return Number.parseFloat(text) * (units[text.replace(/^[\d.]+/, '')] ?? 1);
}
