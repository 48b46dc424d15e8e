import { closestName } from '@drover/management-api/closest-name';
import {
  ConfigError,
  type Driver,
  type DriverContext,
  type InstanceSet,
  type PermissionPolicy,
  type PreemptionWatch,
  type SchemaIssue,
} from '@drover/spec';
import { readDriverSecrets } from './driver-secrets.ts';
import { loadDriver } from './load-driver.ts';

/** A driver with its parameters checked, ready to open. */
export interface ResolvedDriver {
  readonly name: string;
  readonly open: (context: DriverContext) => Promise<InstanceSet>;
  /** How its VMs learn that they are about to be taken away. */
  readonly preemptionWatch: PreemptionWatch;
  /** The least privileges that these parameters need; undefined: the driver cannot tell. */
  readonly permissions: (
    context: Pick<DriverContext, 'instanceSetId' | 'tagKeyPrefix'>,
  ) => PermissionPolicy | undefined;
}

/**
 * Finds the driver by name (see `loadDriver`), reads the secrets that its parameters refer to, and checks them.
 * @throws ConfigError CONFIG_UNKNOWN_DRIVER, or every problem of the parameters.
 */
export async function resolveDriver(
  config: Readonly<Record<string, unknown>> & { readonly name: string },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ResolvedDriver> {
  const { name, ...given } = config;
  const driver = await loadDriver(name);
  const { params, problems } = readDriverSecrets(given, driver.paramsJsonSchema, env);
  const result = await driver.params['~standard'].validate(params);
  const unread = new Set(problems.map((problem) => problem.path));
  // A reference that could not be read is no value to complain about a second time.
  const invalid = (result.issues ?? [])
    .flatMap((issue) => problemsOf(driver, issue))
    .filter((p) => !unread.has(p.path));
  if (result.issues !== undefined || problems.length > 0) throw new ConfigError([...problems, ...invalid]);
  const { value } = result;
  return {
    name,
    open: (context) => driver.open(value, context),
    preemptionWatch: driver.preemptionWatch ?? 'none',
    permissions: (context) => driver.permissions?.(value, context),
  };
}

function problemsOf({ paramsJsonSchema }: Driver<unknown>, issue: SchemaIssue): ConfigError['problems'] {
  const parts = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  const path = ['driver', ...parts].join('.');
  const unknown = unknownKeys(issue);
  if (unknown.length === 0)
    return [{ code: 'CONFIG_INVALID', path, message: `"${path}": ${lowerFirst(issue.message)}` }];
  const known = parts.length === 0 && isRecord(paramsJsonSchema['properties']) ? paramsJsonSchema['properties'] : {};
  return unknown.map((key) => {
    const near = closestName(key, Object.keys(known));
    const fix = near === undefined ? {} : { fix: `did you mean "${near}"?` };
    return { code: 'CONFIG_UNKNOWN_KEY', path: `${path}.${key}`, message: `unknown key "${key}" in ${path}`, ...fix };
  });
}

/** zod says it in a field of its own; other schema libraries say it in their message. */
function unknownKeys(issue: SchemaIssue): readonly string[] {
  const isUnknown = 'code' in issue && issue.code === 'unrecognized_keys' && 'keys' in issue;
  return isUnknown && Array.isArray(issue.keys) ? issue.keys.map(String) : [];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
