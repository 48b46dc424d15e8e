import * as z from 'zod';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]);
const keysAndValues = z.record(z.string(), oneOrMore);

/** The part of IAM's policy language that permissions of one service need; a document that goes beyond it is refused. */
const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().optional(),
      Effect: z.enum(['Allow', 'Deny']),
      Action: oneOrMore,
      Resource: oneOrMore,
      Condition: z
        .strictObject({ StringEquals: keysAndValues.optional(), StringLike: keysAndValues.optional() })
        .optional(),
    }),
  ),
});

/** A policy that was understood. */
export type Policy = z.output<typeof policySchema>;

/** One thing that a call does to one resource, as IAM judges it. */
export interface PolicyQuestion {
  /** As in `ec2:RunInstances`. */
  readonly action: string;
  /** ARN, or `*` for what is done to no resource. */
  readonly resource: string;
  /** Condition keys that the call has, such as `aws:RequestTag/owner`. */
  readonly keys: ReadonlyMap<string, string>;
}

/** @throws ZodError when the document is none of IAM's, or uses more of its language than this knows */
export function parsePolicy(document: unknown): Policy {
  return policySchema.parse(document);
}

/** Whether a policy permits it: what no statement allows is refused, and what one denies too. */
export function permits(policy: Policy, question: PolicyQuestion): boolean {
  const met = policy.Statement.filter((statement) => isAbout(statement, question));
  return met.some(({ Effect }) => Effect === 'Allow') && met.every(({ Effect }) => Effect === 'Allow');
}

function isAbout(statement: Policy['Statement'][number], { action, resource, keys }: PolicyQuestion): boolean {
  const { Action, Resource, Condition = {} } = statement;
  if (!Action.some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase()))) return false;
  if (!Resource.some((pattern) => isLike(resource, pattern))) return false;
  const isMet = (wanted: Readonly<Record<string, readonly string[]>> = {}, fits = isLike): boolean =>
    Object.entries(wanted).every(([key, values]) => {
      // A key that the call does not have fits nothing.
      const value = valueOf(keys, key);
      return value !== undefined && values.some((pattern) => fits(value, pattern));
    });
  return isMet(Condition.StringEquals, (value, wanted) => value === wanted) && isMet(Condition.StringLike);
}

/** Condition keys have no case, their values do. */
function valueOf(keys: ReadonlyMap<string, string>, wanted: string): string | undefined {
  for (const [key, value] of keys) if (key.toLowerCase() === wanted.toLowerCase()) return value;
  return undefined;
}

function isLike(value: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\/-]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}
