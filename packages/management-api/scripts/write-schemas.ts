import { writeFileSync } from 'node:fs';
import { schemaFiles } from '../src/openapi/schema-files.ts';

for (const [name, text] of Object.entries(schemaFiles())) {
  writeFileSync(new URL(`../${name}`, import.meta.url), text);
}
