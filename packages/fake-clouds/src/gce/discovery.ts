import { Ajv, type ValidateFunction } from 'ajv';
import * as z from 'zod';
import document from './compute-v1.json' with { type: 'json' };

const schemaNode = z.record(z.string(), z.unknown());

const documentSchema = z.object({
  source: z.object({ package: z.string(), version: z.string(), revision: z.string(), sha256: z.string() }),
  servicePath: z.string(),
  globalParameters: z.array(z.string()),
  methods: z.array(
    z.object({
      id: z.string(),
      httpMethod: z.string(),
      path: z.string(),
      parameters: z.record(
        z.string(),
        z.object({
          location: z.enum(['path', 'query']),
          required: z.boolean(),
          repeated: z.boolean(),
          schema: schemaNode,
        }),
      ),
      request: z.string().optional(),
      response: z.string(),
    }),
  ),
  schemas: z.record(z.string(), schemaNode),
});

const discovery = documentSchema.parse(document);
type Method = z.output<typeof documentSchema>['methods'][number];

/** Where the schemas come from, for notes and reports. */
export const discoverySource = discovery.source;

/** A call as the discovery document describes it, with everything checked against it. */
export interface GceCall {
  /** As in `compute.instances.insert`. */
  readonly id: string;
  /** Path and query parameters; a missing one is the empty text. */
  readonly parameter: (name: string) => string;
  /** Undefined when the method takes none. */
  readonly body: unknown;
}

const ajv = makeAjv();
const routes = discovery.methods.map((method) => ({ method, pattern: pathPattern(method.path) }));

/**
 * Finds the method that a request is for, and checks the request against it.
 * @throws Error that says what Google's own schema does not know or allow
 */
export function readCall(httpMethod: string, url: URL, body: string): GceCall | undefined {
  for (const { method, pattern } of routes) {
    const match = method.httpMethod === httpMethod ? pattern.exec(url.pathname) : null;
    if (match === null) continue;
    const found = new Map(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
    for (const [name, value] of url.searchParams) {
      if (method.parameters[name]?.location !== 'query' && !discovery.globalParameters.includes(name))
        throw new Error(`${method.id} has no parameter ${name}`);
      found.set(name, value);
    }
    checkParameters(method, found);
    const json: unknown = method.request === undefined || body === '' ? undefined : JSON.parse(body);
    if (method.request !== undefined) check(method.request, json, `${method.id}: the request`);
    return { id: method.id, parameter: (name) => found.get(name) ?? '', body: json };
  }
  return undefined;
}

/** @throws Error when an answer of the fake is not what Google's schema allows */
export function checkAnswer(callId: string, answer: unknown): void {
  const method = discovery.methods.find(({ id }) => id === callId);
  if (method === undefined) throw new Error(`the fake has no method ${callId}`);
  check(method.response, answer, `${callId}: the answer`);
}

function checkParameters(method: Method, found: ReadonlyMap<string, string>): void {
  for (const [name, { required, schema }] of Object.entries(method.parameters)) {
    const value = found.get(name);
    if (value === undefined) {
      if (required) throw new Error(`${method.id} needs the parameter ${name}`);
      continue;
    }
    const { pattern, type, minimum } = schema;
    if (typeof pattern === 'string' && !new RegExp(`^(?:${pattern})$`).test(value))
      throw new Error(`${method.id}: ${name} must match ${pattern}, and is ${value}`);
    if (type === 'integer' && !(Number.isInteger(Number(value)) && Number(value) >= Number(minimum ?? 0)))
      throw new Error(`${method.id}: ${name} is no such number: ${value}`);
  }
}

const validators = new Map<string, ValidateFunction>();

function check(schema: string, value: unknown, what: string): void {
  let validate = validators.get(schema);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `compute#/definitions/${schema}` });
    validators.set(schema, validate);
  }
  if (!validate(value)) throw new Error(`${what} is no ${schema}: ${ajv.errorsText(validate.errors)}`);
}

/** Google's 64-bit numbers travel as text. */
function makeAjv(): Ajv {
  const made = new Ajv({ allErrors: true, strictTypes: false });
  made.addFormat('int64', /^-?\d+$/).addFormat('uint64', /^\d+$/);
  made.addFormat('byte', /^[A-Za-z0-9+/_-]*={0,2}$/).addFormat('google-datetime', /^\d{4}-\d\d-\d\dT/);
  for (const name of ['int32', 'uint32', 'float', 'double']) made.addFormat(name, true);
  made.addFormat('google.protobuf.Any', true);
  const definitions = Object.fromEntries(Object.entries(discovery.schemas).map(([name, node]) => [name, strict(node)]));
  made.addSchema({ $id: 'compute', definitions });
  return made;
}

/** Names of schemas become references, and an object has no properties but its own. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  const parsed = schemaNode.safeParse(value);
  if (!parsed.success) return value;
  const { $ref, type, properties, ...rest } = parsed.data;
  if (typeof $ref === 'string') return { $ref: `#/definitions/${$ref}` };
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, each]) => [key, key === 'enum' ? each : strict(each)]),
  );
  if (properties === undefined) return type === 'any' ? inner : { type, ...inner };
  const checked = Object.entries(schemaNode.parse(properties)).map(([name, each]) => [name, strict(each)]);
  return { type, properties: Object.fromEntries(checked), additionalProperties: false, ...inner };
}

function pathPattern(path: string): RegExp {
  const full = `/${discovery.servicePath}${path}`;
  return new RegExp(`^${full.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
