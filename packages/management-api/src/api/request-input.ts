import { ConfigError, type ContainerSpec, DroverError, type ErrorCode } from '@drover/spec';
import type * as z from 'zod';
import { containerSchema } from '../container-file/container-file-schema.ts';
import { containerLimits } from '../container-file/container-options.ts';
import { containerDocuments } from '../container-file/read-container-file.ts';
import { schemaProblems } from '../document/schema-problems.ts';
import { type SourceDocument, validateDocuments } from '../document/yaml-document.ts';
import { idempotencyKeyPattern } from '../schemas/request-schemas.ts';
import { formatSize } from '../units/units.ts';
import type { ApiRequest } from './api-context.ts';

/**
 * Validates data of a request.
 * @throws ConfigError with all problems.
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown, invalidCode: ErrorCode = 'API_BAD_REQUEST'): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new ConfigError(schemaProblems(result.error.issues, { schema, locate: () => undefined, invalidCode }));
}

/** The query as plain data; `lists` names the parameters that may repeat or hold commas. */
export function query(request: ApiRequest, lists: readonly string[] = []): Readonly<Record<string, unknown>> {
  const values: [string, unknown][] = Object.entries(request.req.queries()).map(([name, given]) => [
    name,
    lists.includes(name) ? given.flatMap((text) => text.split(',')).filter((text) => text !== '') : given.at(-1),
  ]);
  return Object.fromEntries(values);
}

/** The body as text. @throws DroverError API_TOO_LARGE before more than `maxBytes` are in memory. */
export async function bodyText(request: ApiRequest, maxBytes: number): Promise<string> {
  const declared = request.req.header('content-length');
  if (declared !== undefined) {
    if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
    return request.req.text();
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.req.raw.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A JSON body; an empty one is an empty object. @throws DroverError API_BAD_REQUEST, API_TOO_LARGE */
export async function jsonBody(request: ApiRequest, maxBytes: number): Promise<unknown> {
  const text = await bodyText(request, maxBytes);
  return text.trim() === '' ? {} : parseJson(text);
}

/**
 * The containers of a submission: JSON (one or a list), JSON lines or YAML, by content type.
 * @throws ConfigError with all problems of all containers.
 */
export async function submittedContainers(request: ApiRequest, maxBytes: number): Promise<readonly ContainerSpec[]> {
  const type = request.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  const text = await bodyText(request, maxBytes);
  return validateDocuments(documents(type, text), containerSchema, { invalidCode: 'CONTAINER_INVALID' });
}

/** @throws DroverError API_BAD_REQUEST when the header is there and not usable. */
export function idempotencyKey(request: ApiRequest): string | undefined {
  const key = request.req.header('idempotency-key');
  if (key === undefined || idempotencyKeyPattern.test(key)) return key;
  throw new DroverError(
    'API_BAD_REQUEST',
    'the Idempotency-Key is not 1 to 255 printable ASCII characters without spaces',
  );
}

function documents(type: string, text: string): readonly SourceDocument[] {
  if (type === 'application/x-ndjson' || type === 'application/jsonl') {
    return containerDocuments({ file: 'request.ndjson', text });
  }
  if (type === 'application/yaml' || type === 'application/x-yaml' || type === 'text/yaml') {
    return containerDocuments({ file: 'request.yaml', text });
  }
  const value = parseJson(text);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new DroverError('API_BAD_REQUEST', 'the list of containers is empty');
  if (values.length > containerLimits.maxContainers) {
    throw new DroverError('API_TOO_LARGE', `more than ${containerLimits.maxContainers} containers in one request`);
  }
  return values.map((item) => ({ value: item, locate: () => undefined }));
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DroverError('API_BAD_REQUEST', `the body is not JSON: ${reason}`, { cause: error });
  }
}

function tooLarge(maxBytes: number): DroverError {
  return new DroverError('API_TOO_LARGE', `the body is larger than ${formatSize(maxBytes)}`, {
    fix: 'send it in parts',
  });
}
