import * as z from 'zod';

/** What of a new instance the fake looks at; the schema has checked the rest. */
export const newInstanceSchema = z.looseObject({
  name: z.string().default(''),
  machineType: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
  disks: z
    .array(
      z.looseObject({
        boot: z.boolean().optional(),
        type: z.string().optional(),
        initializeParams: z
          .looseObject({
            sourceImage: z.string().optional(),
            diskType: z.string().optional(),
            diskSizeGb: z.string().optional(),
            labels: z.record(z.string(), z.string()).optional(),
          })
          .optional(),
      }),
    )
    .default([]),
  networkInterfaces: z
    .array(
      z.looseObject({
        network: z.string().optional(),
        subnetwork: z.string().optional(),
        accessConfigs: z.array(z.looseObject({ name: z.string().optional(), type: z.string().optional() })).optional(),
      }),
    )
    .default([]),
  serviceAccounts: z.array(z.looseObject({ email: z.string().optional() })).optional(),
  tags: z.looseObject({ items: z.array(z.string()).optional() }).optional(),
  metadata: z
    .looseObject({
      items: z.array(z.object({ key: z.string().default(''), value: z.string().default('') })).optional(),
    })
    .default({}),
  scheduling: z
    .looseObject({ provisioningModel: z.string().optional(), instanceTerminationAction: z.string().optional() })
    .optional(),
});

/** An instance as it was asked for. */
export type NewInstance = z.output<typeof newInstanceSchema>;

/** One item of metadata. */
export type MetadataItem = NonNullable<NewInstance['metadata']['items']>[number];

export const setLabelsSchema = z.object({
  labelFingerprint: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
});

export const setMetadataSchema = z.object({
  fingerprint: z.string().default(''),
  items: z.array(z.object({ key: z.string().default(''), value: z.string().default('') })).default([]),
});

export const testPermissionsSchema = z.object({ permissions: z.array(z.string()).default([]) });
