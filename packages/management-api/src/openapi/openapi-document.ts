import * as z from 'zod';
import {
  attemptSchema,
  containerEventSchema,
  containerRecordSchema,
  containerSpecSchema,
  containerSummarySchema,
  runResultSchema,
} from '../schemas/container-schemas.ts';
import { instanceTypeSchema, instanceViewSchema, statusSchema, whyAnswerSchema } from '../schemas/fleet-schemas.ts';
import { problemMediaType, problemSchema } from '../schemas/problem-schema.ts';
import { containerFileSchema } from '../container-file/container-file-schema.ts';
import { type OperationDescription, operations } from './operations.ts';

/** Version of the API: its first number grows when something that clients use goes away. */
const apiVersion = '1.0.0';

type Json = Readonly<Record<string, unknown>>;

/** Schemas that have a name of their own in the document. */
const named: readonly (readonly [z.ZodType, string])[] = [
  [attemptSchema, 'Attempt'],
  [containerEventSchema, 'ContainerEvent'],
  [containerFileSchema, 'ContainerFile'],
  [containerRecordSchema, 'Container'],
  [containerSpecSchema, 'ContainerSpec'],
  [containerSummarySchema, 'ContainerSummary'],
  [instanceTypeSchema, 'InstanceType'],
  [instanceViewSchema, 'Instance'],
  [problemSchema, 'Problem'],
  [runResultSchema, 'RunResult'],
  [statusSchema, 'Status'],
  [whyAnswerSchema, 'Why'],
];

const names: ReadonlyMap<unknown, string> = new Map<unknown, string>(named);

/** The OpenAPI 3.1 description of `/v1`, made from the schemas that validate. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationObject(operation) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'drover', version: apiVersion, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(named.map(([schema, name]) => [name, jsonSchema(schema, schema)])),
    },
  };
}

function operationObject({ id, summary, isOpen, path, query, headers, body, success }: OperationDescription): Json {
  const parameters = [...pathParameters(path), ...queryParameters(query), ...headerParameters(headers)];
  return {
    operationId: id,
    summary,
    ...(isOpen === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }),
    responses: {
      [success.status]: {
        description: 'Done.',
        ...(success.content === undefined ? {} : { content: contentOf(success.content) }),
      },
      default: {
        description: 'An error, by RFC 9457.',
        content: contentOf({ [problemMediaType]: problemSchema }),
      },
    },
  };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | undefined): readonly Json[] {
  if (query === undefined) return [];
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: jsonSchema(schema),
  }));
}

function headerParameters(headers: Readonly<Record<string, string>> = {}): readonly Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}

function contentOf(content: Readonly<Record<string, z.ZodType>>): Json {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema: jsonSchema(schema) }]));
}

/** JSON Schema with references for everything that has a name, but for `root`, which is being defined. */
function jsonSchema(schema: z.core.$ZodType, root?: unknown): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    // What clients send matters where input and output differ; answers have no defaults and no transforms.
    io: 'input',
    override: ({ zodSchema, jsonSchema: made }) => {
      const name = zodSchema === root ? undefined : names.get(zodSchema);
      if (name === undefined) return;
      for (const key of Object.keys(made)) Reflect.deleteProperty(made, key);
      made.$ref = `#/components/schemas/${name}`;
    },
  });
  return json;
}
