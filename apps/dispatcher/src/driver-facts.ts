import { ConfigError, DroverError, type PermissionPolicy } from '@drover/spec';
import type { ConfigFile } from './config/config-schema.ts';
import { keptInstanceSetId } from './kept-instance-set-id.ts';
import { builtInDrivers, driverPackage, loadDriver } from './load-driver.ts';
import { resolveDriver } from './resolve-driver.ts';

/** One parameter of a driver. */
export interface DriverParameter {
  readonly name: string;
  /** In words: `text`, `whole number`, `a | b`. */
  readonly type: string;
  readonly required: boolean;
  /** What it is when nothing is said; undefined: nothing. */
  readonly default: unknown;
  readonly description: string;
}

/** What a driver says about itself. */
export interface DriverFacts {
  readonly name: string;
  readonly packageName: string;
  readonly parameters: readonly DriverParameter[];
  /** JSON Schema (draft-07). */
  readonly schema: Readonly<Record<string, unknown>>;
  /** It can tell which privileges it needs. */
  readonly hasPermissions: boolean;
}

/** One driver that comes with drover, or why it cannot be loaded. */
export type DriverRow =
  | (DriverFacts & { readonly problem?: undefined })
  | (Pick<DriverFacts, 'name' | 'packageName'> & { readonly problem: string });

/** The drivers that come with drover. */
export function listDrivers(): Promise<readonly DriverRow[]> {
  return Promise.all(
    builtInDrivers.map(async (name): Promise<DriverRow> => {
      try {
        return await describeDriver(name);
      } catch (error) {
        return {
          name,
          packageName: driverPackage(name),
          problem: error instanceof Error ? error.message : String(error),
        };
      }
    }),
  );
}

/** @throws ConfigError CONFIG_UNKNOWN_DRIVER */
export async function describeDriver(name: string): Promise<DriverFacts> {
  const driver = await loadDriver(name);
  const { paramsJsonSchema: schema } = driver;
  const hasPermissions = driver.permissions !== undefined;
  return { name, packageName: driverPackage(name), parameters: parametersOf(schema), schema, hasPermissions };
}

/**
 * The least privileges that the driver needs with the parameters of this configuration, or with its defaults when the
 * configuration is for another driver.
 * @throws ConfigError about the parameters or the instance set's id, DroverError DRIVER_NOT_OFFERED
 */
export async function driverPermissions(
  name: string,
  config: ConfigFile,
  env: Readonly<Record<string, string | undefined>>,
): Promise<PermissionPolicy> {
  const driver = await resolveDriver(config.driver.name === name ? config.driver : { name }, env);
  const instanceSetId = config.instanceSetId ?? keptInstanceSetId(config.stateDirectory);
  const policy = driver.permissions({
    // A driver that has a policy names the set in it; whether this one has shows only by asking.
    instanceSetId: instanceSetId ?? '',
    tagKeyPrefix: config.pool.tagKeyPrefix ?? 'Arvados',
  });
  if (policy === undefined)
    throw new DroverError('DRIVER_NOT_OFFERED', `the driver ${name} does not say which privileges it needs`, {
      fix: 'see its documentation',
    });
  if (instanceSetId !== undefined) return policy;
  const message = 'the policy is limited to the VMs of one instance set, and none has an id yet';
  const fix = 'set instanceSetId in the configuration, e.g. to the name of your site';
  throw new ConfigError([{ code: 'CONFIG_INVALID', path: 'instanceSetId', message, fix }]);
}

function parametersOf(schema: Readonly<Record<string, unknown>>): readonly DriverParameter[] {
  const { properties, required } = schema;
  const needed = Array.isArray(required) ? required.map(String) : [];
  return Object.entries(isRecord(properties) ? properties : {}).map(([name, property]) => {
    const described = isRecord(property) ? property : {};
    return {
      name,
      type: typeInWords(described),
      required: needed.includes(name),
      default: described['default'],
      description: typeof described['description'] === 'string' ? described['description'] : '',
    };
  });
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true | false',
  object: 'mapping',
};

function typeInWords(property: Readonly<Record<string, unknown>>): string {
  const { type, enum: choices, anyOf, items, writeOnly } = property;
  if (writeOnly === true) return 'file:PATH | env:NAME';
  if (Array.isArray(choices)) return choices.map(String).join(' | ');
  if ('const' in property) return String(property['const']);
  if (Array.isArray(anyOf)) return anyOf.map((one) => (isRecord(one) ? typeInWords(one) : '')).join(' | ');
  if (type === 'array') return `list of ${isRecord(items) ? typeInWords(items) : 'anything'}`;
  return typeof type === 'string' ? (words[type] ?? type) : 'anything';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
