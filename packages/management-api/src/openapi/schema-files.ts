import { containerJsonSchema } from '../container-file/container-json-schema.ts';
import { openApiDocument } from './openapi-document.ts';

/** The files made from the schemas and kept in this package's folder; `pnpm schemas` writes them. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return {
    'openapi.json': `${JSON.stringify(openApiDocument(), undefined, 2)}\n`,
    'container.schema.json': `${JSON.stringify(containerJsonSchema(), undefined, 2)}\n`,
  };
}
