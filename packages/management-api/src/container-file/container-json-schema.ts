import * as z from 'zod';
import { containerFileSchema } from './container-file-schema.ts';

/** JSON Schema (draft-07) of a container file, for editors. The same schema validates. */
export function containerJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(containerFileSchema, { io: 'input', target: 'draft-7' });
  return { title: 'drover container', ...schema };
}
