import * as z from 'zod';
import { parseServiceAccountKey } from './credentials.ts';
import { gceDefaults } from './gce-options.ts';

const zoneName = z.string().regex(/^[a-z]+-[a-z]+\d+-[a-z]$/, {
  error: 'is no zone; write it as in us-central1-a (`gcloud compute zones list` names them)',
});

const endpoint = z.string().refine(isUsableEndpoint, {
  error: 'is no https:// address (http:// is only for a fake on this machine); leave it out for Google itself',
});

const diskType = z.string().regex(/^[a-z][a-z0-9-]*$/, {
  error: 'is no disk type; write one like pd-balanced, pd-ssd or hyperdisk-balanced',
});

const makeKey = 'make one with `gcloud iam service-accounts keys create`, or leave it out on a VM of Google';

/** Metadata keys that drover sets; a site's own must not undo them. */
export const reservedMetadataKeys = [
  'startup-script',
  'ssh-keys',
  'block-project-ssh-keys',
  'enable-oslogin',
  'enable-guest-attributes',
  'drover-create',
  'drover-tags',
] as const;

const shape = {
  project: z
    .string()
    .regex(/^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, {
      error: 'is no project id (a name like my-lab-1234; neither its title nor its number)',
    })
    .describe('Project id in which the VMs are made.'),
  zones: z
    .array(zoneName)
    .min(1, { error: 'name at least one zone, such as us-central1-a' })
    .describe('Zones of one region, in the order in which they are tried.'),
  network: z.string().min(1).optional().describe('VPC network; with `subnetwork` it may be left out.'),
  subnetwork: z
    .string()
    .min(1)
    .optional()
    .describe('Subnetwork of the region: its name, or projects/P/regions/R/subnetworks/S of a shared VPC.'),
  externalAddress: z
    .boolean()
    .default(false)
    .describe('Whether VMs get a public address and are reached by it; otherwise by their internal one.'),
  networkTags: z
    .array(
      z
        .string()
        .regex(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: 'is no network tag (a-z, 0-9 and -, at most 63)' }),
    )
    .default([])
    .describe('Network tags of the VMs, for firewall rules.'),
  serviceAccount: z
    .strictObject({
      email: z.string().regex(/^[^@\s]+@[^@\s]+$|^default$/, { error: 'is no e-mail address of a service account' }),
      scopes: z.array(z.string().min(1)).min(1).default(['https://www.googleapis.com/auth/cloud-platform']),
    })
    .optional()
    .describe('Service account that everything on the VMs may act as; without it the VMs have none.'),
  adminUsername: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'is no Linux user name (a-z, 0-9, _ and -, at most 32)' })
    .refine((name) => name !== 'root', { error: 'the images of Google let root not log in; name another user' })
    .default(gceDefaults.adminUsername)
    .describe('Account on the VM that gets the key.'),
  bootDisk: z
    .strictObject({
      sizeGib: z.int().min(10).max(65_536).default(gceDefaults.bootDiskGib),
      type: diskType.default(gceDefaults.diskType),
    })
    .prefault({})
    .describe('Boot disk of the VMs; no smaller than the image.'),
  scratch: z
    .strictObject({
      kind: z.enum(['persistent', 'local-ssd']).default('persistent'),
      type: diskType.default(gceDefaults.diskType).describe('Of a persistent disk.'),
    })
    .prefault({})
    .describe(
      'What scratch space an instance type adds is made of: a disk of that size, or local SSDs of 375 GiB each.',
    ),
  namePrefix: z
    .string()
    .regex(/^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$/, { error: 'must begin with a letter: a-z, 0-9 and -, at most 32' })
    .default(gceDefaults.namePrefix)
    .describe('VMs are called by it and a hash.'),
  metadata: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, { error: 'is no metadata key' }), z.string())
    .default({})
    .refine((metadata) => reservedMetadataKeys.every((key) => !(key in metadata)), {
      error: `drover sets ${reservedMetadataKeys.join(', ')} itself; remove them`,
    })
    .describe('More metadata of the VMs.'),
  credentials: z
    .string()
    .refine((text) => parseServiceAccountKey(text) !== undefined, {
      error: `holds no service account key (JSON); ${makeKey}`,
    })
    .optional()
    .meta({
      description: 'A service account key: file:PATH or env:NAME. Without it, application default credentials.',
      writeOnly: true,
    }),
  apiEndpoint: endpoint
    .default(gceDefaults.apiEndpoint)
    .describe('Address of the API, for a fake or a private endpoint.'),
};

/** What the configuration may say about the GCE driver. */
export const gceParams = z.strictObject(shape).superRefine(({ zones }, context) => {
  const regions = new Set(zones.map(regionOf));
  if (regions.size > 1)
    context.addIssue({
      code: 'custom',
      path: ['zones'],
      message: `are of several regions (${[...regions].join(', ')}); a subnetwork is in one: keep to one region`,
    });
  if (new Set(zones).size < zones.length)
    context.addIssue({ code: 'custom', path: ['zones'], message: 'name a zone twice; name each once' });
});

/** Parameters of the GCE driver, all filled in. */
export type GceParams = z.output<typeof gceParams>;

/** The same as JSON Schema draft-07. */
export const gceParamsJsonSchema: Readonly<Record<string, unknown>> = z.toJSONSchema(gceParams, {
  target: 'draft-7',
  io: 'input',
});

/** The region that a zone is in. */
export function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf('-'));
}

function isUsableEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search } = new URL(text);
  const isLocal = hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && pathname === '/' && search === '';
}
