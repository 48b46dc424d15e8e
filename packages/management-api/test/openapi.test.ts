import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { containerJsonSchema, createApi, openApiDocument } from '../src/index.ts';
import { operations } from '../src/openapi/operations.ts';
import { schemaFiles } from '../src/openapi/schema-files.ts';
import { DispatcherDouble } from './dispatcher-double.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Every value under a key, anywhere. */
function all(value: unknown, key: string): readonly unknown[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...all(inner, key)]);
}

describe('the OpenAPI document', () => {
  it.each(Object.entries(schemaFiles()))('%s in the repository is current (pnpm schemas)', (name, text) => {
    const kept: unknown = JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
    expect(kept).toEqual(JSON.parse(text));
  });

  it('describes every route under /v1 and no other', () => {
    const { routes } = createApi(new DispatcherDouble().deps());
    const served = routes.map(({ method, path }) => `${method} ${path}`).filter((route) => route.includes(' /v1/'));
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(served.toSorted());
  });

  it('refers only to schemas that it holds', () => {
    const document = openApiDocument();
    const { components } = document;
    const schemas = isRecord(components) && isRecord(components['schemas']) ? Object.keys(components['schemas']) : [];
    const references = [...new Set(all(document, '$ref'))];
    expect(references.length).toBeGreaterThan(8);
    expect(references.filter((to) => !schemas.some((name) => to === `#/components/schemas/${name}`))).toEqual([]);
    expect(all(document, 'operationId').length).toBe(new Set(all(document, 'operationId')).size);
  });
});

describe('the JSON Schema of a container file', () => {
  it('is draft-07, for editors, and knows units', () => {
    const schema = containerJsonSchema();
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      required: ['command'],
      additionalProperties: false,
      properties: { resources: { properties: { ram: { anyOf: [{ examples: ['16GiB', '512MiB'] }, { const: 0 }] } } } },
    });
    expect(all(schema, 'pattern')).toContainEqual(expect.stringContaining('[kKmMgGtTpP]'));
  });
});
