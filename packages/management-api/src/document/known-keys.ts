import * as z from 'zod';
import type { ValuePath } from './schema-problems.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The keys that a schema knows in the mapping at this path; of a union, those of all branches. Only for messages. */
export function knownKeys(schema: z.ZodType, path: ValuePath): readonly string[] {
  const top = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  let here: readonly JsonSchema[] = branches(top);
  for (const part of path) here = here.flatMap((node) => step(node, part)).flatMap(branches);
  return [...new Set(here.flatMap((node) => (isSchema(node['properties']) ? Object.keys(node['properties']) : [])))];
}

function step(node: JsonSchema, part: PropertyKey): readonly JsonSchema[] {
  if (typeof part === 'number') return isSchema(node['items']) ? [node['items']] : [];
  const properties = node['properties'];
  const own = isSchema(properties) ? properties[String(part)] : undefined;
  return [own ?? node['additionalProperties']].filter(isSchema);
}

function branches(node: JsonSchema): readonly JsonSchema[] {
  const inner = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const value: unknown = node[key];
    return Array.isArray(value) ? value.filter(isSchema).flatMap(branches) : [];
  });
  return [node, ...inner];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
