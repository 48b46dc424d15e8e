import { closestName } from '@drover/management-api/closest-name';
import { ConfigError, type Driver, type DriverContext, type InstanceSet, type SchemaIssue } from '@drover/spec';
import { readDriverSecrets } from './driver-secrets.ts';

/** A driver with its parameters checked, ready to open. */
export interface ResolvedDriver {
  readonly name: string;
  readonly open: (context: DriverContext) => Promise<InstanceSet>;
}

/** Drivers that come with drover; imported only when named, because vendor SDKs are heavy. */
const builtIn: Readonly<Record<string, () => Promise<unknown>>> = {
  loopback: async () => (await import('@drover/driver-loopback')).loopbackDriver,
};

/**
 * Finds the driver by name: one of drover's own, else an npm package that exports a `Driver` as `driver`, reads the secrets that
 * its parameters refer to, and checks them.
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
  return { name, open: (context) => driver.open(value, context) };
}

async function loadDriver(name: string): Promise<Driver<unknown>> {
  let driver: unknown;
  try {
    driver = await (builtIn[name]?.() ?? exportedDriver(name));
  } catch (error) {
    throw unknownDriver(name, error instanceof Error ? error.message : String(error), error);
  }
  if (!isDriver(driver)) throw unknownDriver(name, 'the module exports no Driver named `driver` of spec version 1');
  return driver;
}

async function exportedDriver(packageName: string): Promise<unknown> {
  const module: unknown = await import(packageName);
  return isRecord(module) ? module['driver'] : undefined;
}

function unknownDriver(name: string, why: string, cause?: unknown): ConfigError {
  const fix = `use one of ${Object.keys(builtIn).join(', ')}, or install the npm package of that name`;
  const message = `no driver is called "${name}" (${why})`;
  return new ConfigError([{ code: 'CONFIG_UNKNOWN_DRIVER', path: 'driver.name', message, fix }], { cause });
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

function isDriver(value: unknown): value is Driver<unknown> {
  return (
    isRecord(value) && value['specVersion'] === 1 && typeof value['open'] === 'function' && isRecord(value['params'])
  );
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
