import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import schema from './azure-schema.json' with { type: 'json' };

/**
 * Microsoft's own schema of the messages, reduced to what is used here: Compute of API version 2025-04-01 (disks 2025-01-02,
 * gallery 2025-03-03, sizes 2021-07-01) and Network of 2025-05-01, the last that npm releases carried as data;
 * scripts/azure-schema.ts makes it. The SDK that the driver uses speaks later versions (see `apiVersions`), which only add to these
 * messages, nothing that the driver sends or reads. Objects refuse what the schema does not name, requests also what is read-only.
 */
const requests = new Ajv({ strict: false, allErrors: true });
requests.removeKeyword('readOnly');
requests.addKeyword({ keyword: 'readOnly', validate: (readOnly: boolean) => !readOnly });
const responses = new Ajv({ strict: false, allErrors: true });
for (const ajv of [requests, responses]) {
  addFormats.default(ajv);
  ajv.addSchema(schema);
}

/** Messages of the schema, e.g. `compute.VirtualMachine`. */
export type SchemaName = keyof typeof schema.definitions;

/** What is wrong with a request body; empty when nothing is. */
export function requestProblems(name: SchemaName, body: unknown): readonly string[] {
  return problems(requests, name, body);
}

/** What is wrong with a response body; empty when nothing is. */
export function responseProblems(name: SchemaName, body: unknown): readonly string[] {
  return problems(responses, name, body);
}

function problems(ajv: Ajv, name: SchemaName, body: unknown): readonly string[] {
  const key = `azure#/definitions/${name}`;
  const validate = ajv.getSchema(key) ?? ajv.compile({ $ref: key });
  if (validate(body) === true) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${name}${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
