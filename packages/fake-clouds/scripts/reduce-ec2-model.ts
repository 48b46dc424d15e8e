/**
 * Makes `src/ec2/model.json` from AWS's own model of the EC2 API: only the operations below and the shapes they use, without the
 * texts. Usage: `node scripts/reduce-ec2-model.ts SERVICE_2_JSON_GZ BOTOCORE_VERSION`. The model is
 * `botocore/data/ec2/2016-11-15/service-2.json.gz` in the package botocore of PyPI (`pip download --no-deps botocore`), under the
 * Apache License 2.0.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const operations = [
  'CreateTags',
  'DescribeImages',
  'DescribeInstances',
  'DescribeInstanceTypeOfferings',
  'DescribeKeyPairs',
  'DescribeSecurityGroups',
  'DescribeSpotPriceHistory',
  'DescribeSubnets',
  'GetConsoleOutput',
  'ImportKeyPair',
  'RunInstances',
  'TerminateInstances',
];

/** What says how a value looks on the wire and which values are right. */
const kept = new Set([
  'type',
  'required',
  'members',
  'member',
  'shape',
  'locationName',
  'queryName',
  'enum',
  'min',
  'max',
  'pattern',
  'sensitive',
]);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

function objectAt(parent: Json | undefined, key: string): JsonObject {
  const value = isObject(parent) ? parent[key] : undefined;
  if (!isObject(value)) throw new Error(`the model has no ${key}`);
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A shape, or a reference to one, without what is only documentation. */
function strip(shape: JsonObject): JsonObject {
  const entries = Object.entries(shape).filter(([key]) => kept.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'members' && isObject(value))
        return [key, Object.fromEntries(Object.keys(value).map((name) => [name, strip(objectAt(value, name))]))];
      return [key, key === 'member' && isObject(value) ? strip(value) : value];
    }),
  );
}

function references(shape: JsonObject): readonly string[] {
  const members = isObject(shape['members']) ? Object.values(shape['members']) : [];
  return [...members, shape['member'] ?? null].flatMap((member) =>
    isObject(member) && typeof member['shape'] === 'string' ? [member['shape']] : [],
  );
}

const [path, version] = process.argv.slice(2);
if (path === undefined || version === undefined) throw new Error('usage: reduce-ec2-model.ts MODEL.json.gz VERSION');
const packed = readFileSync(path);
const model: Json = JSON.parse(gunzipSync(packed).toString('utf8'));
const shapes: Record<string, JsonObject> = {};
const wanted: string[] = [];
const reduced: Record<string, Json> = {};
for (const name of operations) {
  const operation = objectAt(objectAt(model, 'operations'), name);
  const entry: Record<string, Json> = {};
  for (const side of ['input', 'output'])
    if (isObject(operation[side])) {
      const { shape } = operation[side];
      if (typeof shape !== 'string') throw new Error(`${name} has no ${side} shape`);
      entry[side] = shape;
      wanted.push(shape);
    }
  reduced[name] = entry;
}
for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
  if (Object.hasOwn(shapes, name)) continue;
  const shape = strip(objectAt(objectAt(model, 'shapes'), name));
  shapes[name] = shape;
  wanted.push(...references(shape));
}
const source = {
  package: `botocore ${version}`,
  path: 'botocore/data/ec2/2016-11-15/service-2.json.gz',
  sha256: createHash('sha256').update(packed).digest('hex'),
  license: 'Apache-2.0',
};
const sorted = Object.fromEntries(Object.entries(shapes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const apiVersion = objectAt(model, 'metadata')['apiVersion'] ?? null;
const file = { source, apiVersion, operations: reduced, shapes: sorted };
writeFileSync(new URL('../src/ec2/model.json', import.meta.url), JSON.stringify(file));
