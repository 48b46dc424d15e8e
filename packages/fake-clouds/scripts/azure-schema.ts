/**
 * Makes src/azure/schema/azure-schema.json: `node scripts/azure-schema.ts`, with npm and a network. The result holds names and
 * constraints only, in JSON Schema; every object refuses properties that it does not know.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type SchemaSource, schemaSources } from './azure-schema-classes.ts';

interface MapperType {
  readonly name: string;
  readonly className?: string;
  readonly modelProperties?: Readonly<Record<string, Mapper>>;
  readonly allowedValues?: readonly string[];
  readonly element?: Mapper;
  readonly value?: Mapper;
}

interface Mapper {
  readonly serializedName?: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly constraints?: Readonly<Record<string, unknown>>;
  readonly type: MapperType;
}

interface Schema {
  [key: string]: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
}

const target = fileURLToPath(new URL('../src/azure/schema/azure-schema.json', import.meta.url));

async function main(): Promise<void> {
  const definitions: Record<string, Schema> = {};
  const sources: Record<string, unknown>[] = [];
  for (const [prefix, source] of Object.entries(schemaSources)) {
    const folder = mkdtempSync(join(tmpdir(), 'azure-schema-'));
    try {
      const sha512 = unpack(source, folder);
      const { classes, ...origin } = source;
      sources.push({ ...origin, sha512 });
      Object.assign(definitions, await definitionsOf(prefix, classes, join(folder, 'package/dist/esm/models')));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const schema = { $id: 'azure', sources, definitions };
  writeFileSync(target, `${JSON.stringify(schema, null, 2)}\n`);
  execFileSync('oxfmt', [target]);
}

/** Unpacks the release into the folder; gives the hash of its archive, base64. */
function unpack(source: SchemaSource, folder: string): string {
  const archive = execFileSync('npm', ['pack', '--silent', `${source.package}@${source.version}`], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();
  const hash = createHash('sha512')
    .update(readFileSync(join(folder, archive)))
    .digest('base64');
  execFileSync('tar', ['xzf', archive], { cwd: folder });
  return hash;
}

async function definitionsOf(
  prefix: string,
  classes: readonly string[],
  models: string,
): Promise<Record<string, Schema>> {
  const mappers: Readonly<Record<string, Mapper>> = await import(pathToFileURL(join(models, 'mappers.js')).href);
  const known: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(models, 'index.js')).href);
  const declared = declaredTypes(readFileSync(join(models, 'index.d.ts'), 'utf8'));
  return Object.fromEntries(
    classes.map((name) => {
      const mapper = mappers[name];
      if (mapper === undefined) throw new Error(`${prefix} has no class ${name}`);
      const schema = objectSchema();
      for (const [property, child] of Object.entries(mapper.type.modelProperties ?? {})) {
        const value = schemaOf(prefix, classes, child);
        if (value === undefined) continue;
        // What is an open enum is a mere string in the mappers; its values are in an object of their own.
        const values = known[`Known${declared.get(`${name}.${property}`)}`];
        if (
          !incomplete.has(`${name}.${property}`) &&
          value['type'] === 'string' &&
          typeof values === 'object' &&
          values !== null
        )
          value['enum'] = Object.values(values);
        place(schema, (child.serializedName ?? property).split(/(?<!\\)\./), value, child);
      }
      return [`${prefix}.${name}`, schema];
    }),
  );
}

/** Enums that Microsoft itself calls incomplete: new VM sizes come without a new version. */
const incomplete = new Set(['HardwareProfile.vmSize']);

/** `Class.property` → name of its type. */
function declaredTypes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name, body] of text.matchAll(/export interface (\w+)[^{]*\{([^}]*)\}/g))
    for (const [, property, type] of (body ?? '').matchAll(/^\s+(?:readonly )?(\w+)\??: (\w+);/gm))
      found.set(`${name}.${property}`, type ?? '');
  return found;
}

/** Puts a value where its path on the wire says, e.g. `properties.osProfile`. */
function place(schema: Schema, path: readonly string[], value: Schema, { readOnly, required }: Mapper): void {
  const [head = '', ...rest] = path;
  const properties = (schema.properties ??= {});
  if (required === true) schema.required = [...new Set([...(schema.required ?? []), head])];
  if (rest.length === 0) properties[head] = readOnly === true ? { ...value, readOnly: true } : value;
  else
    place((properties[head] ??= objectSchema()), rest, value, {
      type: { name: '' },
      ...(required === undefined ? {} : { required }),
      ...(readOnly === undefined ? {} : { readOnly }),
    });
}

function objectSchema(): Schema {
  return { type: 'object', additionalProperties: false, properties: {} };
}

/** undefined: of a class that is left out. */
function schemaOf(prefix: string, classes: readonly string[], mapper: Mapper): Schema | undefined {
  const { type } = mapper;
  switch (type.name) {
    case 'Composite':
      return classes.includes(type.className ?? '') ? { $ref: `#/definitions/${prefix}.${type.className}` } : undefined;
    case 'Sequence': {
      const items = type.element === undefined ? undefined : schemaOf(prefix, classes, type.element);
      return items === undefined ? undefined : { type: 'array', items };
    }
    case 'Dictionary': {
      const value = type.value === undefined ? undefined : schemaOf(prefix, classes, type.value);
      return value === undefined ? undefined : { type: 'object', additionalProperties: value };
    }
    case 'Enum':
      return { type: 'string', enum: type.allowedValues };
    default:
      return { ...scalars[type.name], ...constraintsOf(mapper) };
  }
}

const scalars: Readonly<Record<string, Schema>> = {
  String: { type: 'string' },
  Uuid: { type: 'string', format: 'uuid' },
  DateTime: { type: 'string', format: 'date-time' },
  Boolean: { type: 'boolean' },
  Number: { type: 'number' },
  Object: {},
  any: {},
};

function constraintsOf({ constraints = {} }: Mapper): Schema {
  const names: Readonly<Record<string, string>> = {
    MaxLength: 'maxLength',
    MinLength: 'minLength',
    InclusiveMaximum: 'maximum',
    InclusiveMinimum: 'minimum',
    MaxItems: 'maxItems',
    MinItems: 'minItems',
  };
  const kept = Object.entries(constraints).flatMap(([key, value]) =>
    names[key] ? [[names[key], value] as const] : [],
  );
  return Object.fromEntries(kept);
}

await main();
