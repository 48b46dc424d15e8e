/**
 * Writes src/gce/compute-v1.json: of Google's discovery document of the Compute API only the methods that the fake has, and the
 * schemas that they use, without descriptions. The document comes with PyPI's google-api-python-client:
 *
 *   pip download --no-deps google-api-python-client==2.202.0
 *   unzip google_api_python_client-2.202.0-py3-none-any.whl googleapiclient/discovery_cache/documents/compute.v1.json
 *   node packages/fake-clouds/scripts/reduce-compute-discovery.ts googleapiclient/discovery_cache/documents/compute.v1.json 2.202.0
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

const wanted: Readonly<Record<string, readonly string[]>> = {
  instances: [
    'insert',
    'get',
    'list',
    'delete',
    'setLabels',
    'setMetadata',
    'getGuestAttributes',
    'testIamPermissions',
  ],
  zoneOperations: ['wait'],
  projects: ['get'],
  regions: ['get'],
  images: ['get', 'getFromFamily'],
  subnetworks: ['get', 'testIamPermissions'],
  machineTypes: ['get'],
};

/** What says how a value looks; everything else in a schema is for people and code generators. */
const kept = new Set([
  '$ref',
  'type',
  'format',
  'enum',
  'items',
  'properties',
  'additionalProperties',
  'pattern',
  'minimum',
  'maximum',
]);

const node = z.record(z.string(), z.unknown());
const methodSchema = z.object({
  id: z.string(),
  httpMethod: z.string(),
  path: z.string(),
  parameters: z.record(z.string(), node).default({}),
  request: z.object({ $ref: z.string() }).optional(),
  response: z.object({ $ref: z.string() }).optional(),
});
const documentSchema = z.object({
  id: z.string(),
  revision: z.string(),
  servicePath: z.string(),
  parameters: z.record(z.string(), node),
  schemas: z.record(z.string(), node),
  resources: z.record(z.string(), z.object({ methods: z.record(z.string(), methodSchema) })),
});

const [path, version] = process.argv.slice(2);
if (path === undefined || version === undefined) throw new Error('usage: reduce-compute-discovery.ts FILE VERSION');
const bytes = readFileSync(path);
const document = documentSchema.parse(JSON.parse(bytes.toString('utf8')));

const methods = Object.entries(wanted).flatMap(([resource, names]) =>
  names.map((name) => {
    const method = document.resources[resource]?.methods[name];
    if (method?.response === undefined) throw new Error(`the document has no method ${resource}.${name}`);
    const parameters = Object.entries(method.parameters).map(([key, { location, required, repeated, ...schema }]) => [
      key,
      { location, required: required === true, repeated: repeated === true, schema: reduce(schema) },
    ]);
    return {
      id: method.id,
      httpMethod: method.httpMethod,
      path: method.path,
      parameters: Object.fromEntries(parameters),
      ...(method.request === undefined ? {} : { request: method.request.$ref }),
      response: method.response.$ref,
    };
  }),
);

const schemas = new Map<string, unknown>();
const toVisit = methods.flatMap(({ request, response }) => (request === undefined ? [response] : [request, response]));
for (let name = toVisit.pop(); name !== undefined; name = toVisit.pop()) {
  if (schemas.has(name)) continue;
  const schema = document.schemas[name];
  if (schema === undefined) throw new Error(`the document has no schema ${name}`);
  schemas.set(name, reduce(schema));
  toVisit.push(...referencesIn(schema));
}

const reduced = {
  source: {
    package: 'google-api-python-client',
    version,
    license: 'Apache-2.0',
    document: document.id,
    revision: document.revision,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  },
  servicePath: document.servicePath,
  globalParameters: Object.keys(document.parameters).toSorted(),
  methods,
  schemas: Object.fromEntries([...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1))),
};
writeFileSync(new URL('../src/gce/compute-v1.json', import.meta.url), `${JSON.stringify(reduced, undefined, 1)}\n`);

/** `properties` holds names, not keywords. */
function reduce(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reduce);
  const parsed = node.safeParse(value);
  if (!parsed.success) return value;
  const entries = Object.entries(parsed.data).filter(([key]) => kept.has(key));
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      if (key !== 'properties') return [key, key === 'enum' ? inner : reduce(inner)];
      const properties = Object.entries(node.parse(inner)).map(([name, schema]) => [name, reduce(schema)]);
      return [key, Object.fromEntries(properties)];
    }),
  );
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  const parsed = node.safeParse(value);
  if (!parsed.success) return [];
  const { $ref, ...rest } = parsed.data;
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(rest).flatMap(referencesIn)];
}
