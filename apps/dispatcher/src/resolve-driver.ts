import { ConfigError, type Driver, type DriverContext, type InstanceSet, type SchemaIssue } from '@drover/spec';

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
 * Finds the driver by name: one of drover's own, else an npm package that exports a `Driver` as `driver`, and checks its parameters.
 * @throws ConfigError CONFIG_UNKNOWN_DRIVER, or every problem of the parameters.
 */
export async function resolveDriver(
  config: Readonly<Record<string, unknown>> & { readonly name: string },
): Promise<ResolvedDriver> {
  const { name, ...params } = config;
  const driver = await loadDriver(name);
  const result = await driver.params['~standard'].validate(params);
  if (result.issues !== undefined) throw new ConfigError(result.issues.map((issue) => parameterProblem(name, issue)));
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

function parameterProblem(driver: string, issue: SchemaIssue): ConfigError['problems'][number] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return {
    code: 'CONFIG_INVALID',
    path: ['driver', ...path].join('.'),
    message: `driver ${driver}: ${path.join('.')}: ${issue.message}`,
  };
}

function isDriver(value: unknown): value is Driver<unknown> {
  return (
    isRecord(value) && value['specVersion'] === 1 && typeof value['open'] === 'function' && isRecord(value['params'])
  );
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
