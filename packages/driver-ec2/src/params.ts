import { z } from 'zod';
import { ec2Defaults } from './ec2-options.ts';

const region = z
  .string({ error: 'name the region, such as us-east-1' })
  .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, { error: 'is no region; write one such as us-east-1' });

/** One id or a list of them, as a list. */
function ids(prefix: string, what: string) {
  const error = `write one id or a list of ids that begin with ${prefix}-, as the console shows them for the ${what}`;
  const id = z.string({ error }).regex(new RegExp(`^${prefix}-[0-9a-f]+$`), { error });
  const list = z
    .array(id, { error })
    .min(1, { error: `${error}; leave the setting out to name none` })
    .refine((values) => new Set(values).size === values.length, { error: 'has an id twice; remove one' });
  return z
    .union([id, list], { error })
    .optional()
    .transform((value) => (typeof value === 'string' ? [value] : (value ?? [])));
}

/** Set from a reference by the application: `file:PATH` or `env:NAME`. */
function secret(what: string) {
  const error = `give ${what} as file:PATH or env:NAME`;
  return z.string({ error }).min(1, { error }).optional().meta({ writeOnly: true });
}

/** Also when something else is wrong: all problems are told at once. */
const always = ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null;

/** What the configuration may say about the EC2 driver. The names are those of the reference where it has the setting. */
export const ec2Params = z
  .strictObject({
    region: region.describe('The AWS region, e.g. us-east-1.'),
    accessKeyId: secret('the access key id').describe(
      'Static credentials; without them the usual chain of the AWS SDK applies: environment, profile, instance role.',
    ),
    secretAccessKey: secret('the secret access key').describe('The other half of the static credentials.'),
    sessionToken: secret('the session token').describe('For temporary static credentials.'),
    subnetId: ids('subnet', 'subnet').describe(
      'A subnet or a list: each is an offering of its own, tried in the order of price. Without it the default VPC is used.',
    ),
    securityGroupIds: ids('sg', 'security group').describe('For every VM; without it the default group of the VPC.'),
    associatePublicIpAddress: z
      .boolean({ error: 'write true or false' })
      .default(false)
      .describe('Gives every VM a public address.'),
    connectTo: z
      .enum(['private', 'public'], { error: 'write private or public' })
      .default('private')
      .describe('Which address SSH goes to.'),
    adminUsername: z
      .string({ error: 'name an account' })
      .regex(/^[a-z_][a-z0-9_-]*$/, { error: 'is no account name; use lower-case letters, digits, - and _' })
      .default(ec2Defaults.adminUsername)
      .describe("An account of the image that gets the key too, if there is one; EC2 itself gives it to the image's."),
    iamInstanceProfile: z
      .string({ error: 'give the name or the ARN of an instance profile' })
      .min(1, { error: 'is empty; leave it out, or give the name or the ARN of an instance profile' })
      .optional()
      .describe('Name or ARN of the instance profile that the VMs get.'),
    ebsType: z
      .enum(['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'], {
        error: 'is no volume type; write gp3, gp2, io2, io1, st1, sc1 or standard',
      })
      .default(ec2Defaults.ebsType)
      .describe('Volume type of added scratch space.'),
    ebsPrice: z
      .number({ error: 'write the price of a GiB and month in USD, such as 0.1' })
      .min(0, { error: 'cannot be negative; write the price of a GiB and month in USD, such as 0.1' })
      .default(ec2Defaults.ebsPrice)
      .describe('What added scratch space costs, in USD per GiB and month.'),
    spotMaxPrice: z
      .boolean({ error: 'write true or false' })
      .default(true)
      .describe("Spot VMs never cost more than their type's configured price; false: up to the on-demand price."),
    spotPriceUpdateIntervalMs: z
      .number({ error: 'write milliseconds; 0 switches price history off' })
      .min(0, { error: 'cannot be negative; 0 switches price history off' })
      .default(ec2Defaults.spotPriceUpdateIntervalMs)
      .describe('How often spot prices are asked for while there are spot VMs; 0: never.'),
    instanceTypeQuotaGroups: z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]*$/, { error: 'is no beginning of an instance type; write one such as p5' }),
        z.string({ error: 'name the group' }).min(1, { error: 'name the group' }),
        { error: 'write a table such as { p5: p5, vt: g }' },
      )
      .default({})
      .describe('Which instance types share a quota, by the beginning of their names; adds to what is known of AWS.'),
    keyPairPrefix: z
      .string({ error: 'write a name' })
      .regex(/^[A-Za-z0-9_-]{1,100}$/, { error: 'use letters, digits, - and _' })
      .default(ec2Defaults.keyPairPrefix)
      .describe('What the name of an imported key pair begins with; a digest of the key follows.'),
    endpoint: z
      .url({ protocol: /^https?$/, error: 'is no URL; write one such as https://ec2.us-east-1.amazonaws.com' })
      .optional()
      .describe('Another address of the EC2 API: a VPC endpoint, or a fake for tests.'),
  })
  .refine((params) => params.secretAccessKey !== undefined || params.accessKeyId === undefined, {
    path: ['secretAccessKey'],
    error: 'is missing; accessKeyId is set, give both or neither',
    when: always,
  })
  .refine((params) => params.accessKeyId !== undefined || params.secretAccessKey === undefined, {
    path: ['accessKeyId'],
    error: 'is missing; secretAccessKey is set, give both or neither',
    when: always,
  })
  .refine((params) => params.accessKeyId !== undefined || params.sessionToken === undefined, {
    path: ['sessionToken'],
    error: 'is good for nothing alone; give accessKeyId and secretAccessKey too',
    when: always,
  })
  .refine((params) => params.connectTo !== 'public' || params.associatePublicIpAddress, {
    path: ['connectTo'],
    error: 'needs VMs with a public address; set associatePublicIpAddress to true, or write private',
    when: always,
  });

/** Parameters of the EC2 driver, all filled in. */
export type Ec2Params = z.output<typeof ec2Params>;

/** The same as JSON Schema draft-07. */
export const ec2ParamsJsonSchema: Readonly<Record<string, unknown>> = z.toJSONSchema(ec2Params, {
  target: 'draft-7',
  io: 'input',
});
