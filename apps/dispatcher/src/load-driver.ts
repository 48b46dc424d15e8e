import { closestName } from '@drover/management-api/closest-name';
import { ConfigError, type Driver } from '@drover/spec';

interface DriverModule {
  readonly packageName: string;
  readonly load: () => Promise<unknown>;
}

/** Drivers that come with drover; imported only when named, because vendor SDKs are heavy. */
const builtIn: Readonly<Record<string, DriverModule>> = {
  loopback: { packageName: '@drover/driver-loopback', load: () => import('@drover/driver-loopback') },
  ec2: { packageName: '@drover/driver-ec2', load: () => import('@drover/driver-ec2') },
  gce: { packageName: '@drover/driver-gce', load: () => import('@drover/driver-gce') },
  azure: { packageName: '@drover/driver-azure', load: () => import('@drover/driver-azure') },
};

/** Names of the drivers that come with drover. */
export const builtInDrivers: readonly string[] = Object.keys(builtIn);

/** The npm package of a driver: that of the built-in one, else the name itself. */
export function driverPackage(name: string): string {
  return builtIn[name]?.packageName ?? name;
}

/**
 * Finds a driver by name: one of drover's own, else an npm package that exports a `Driver` as `driver`.
 * @throws ConfigError CONFIG_UNKNOWN_DRIVER
 */
export async function loadDriver(name: string): Promise<Driver<unknown>> {
  let module: unknown;
  try {
    module = await (builtIn[name]?.load() ?? import(name));
  } catch (error) {
    throw unknownDriver(name, error instanceof Error ? error.message : String(error), error);
  }
  const exported = isRecord(module) ? [module['driver'], ...Object.values(module)] : [];
  const driver = exported.find(isDriver);
  if (driver === undefined) throw unknownDriver(name, 'the module exports no Driver named `driver` of spec version 1');
  return driver;
}

function unknownDriver(name: string, why: string, cause?: unknown): ConfigError {
  const near = builtInDrivers.includes(name) ? undefined : closestName(name, builtInDrivers);
  const known = `use one of ${builtInDrivers.join(', ')}, or install the npm package of that name`;
  const message = `no driver is called "${name}" (${why})`;
  const fix = near === undefined ? known : `did you mean "${near}"? Else ${known}`;
  return new ConfigError([{ code: 'CONFIG_UNKNOWN_DRIVER', path: 'driver.name', message, fix }], { cause });
}

function isDriver(value: unknown): value is Driver<unknown> {
  return (
    isRecord(value) && value['specVersion'] === 1 && typeof value['open'] === 'function' && isRecord(value['params'])
  );
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
