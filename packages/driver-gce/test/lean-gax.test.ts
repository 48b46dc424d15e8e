import { createRequire } from 'node:module';
import * as gax from 'google-gax';
import { expect, test } from 'vitest';
import { leanGax } from '../src/lean-gax.ts';

const description: unknown = createRequire(import.meta.url)('@google-cloud/compute/build/protos/protos.json');

function namesBelow(root: unknown, ...path: readonly string[]): readonly string[] {
  const node = path.reduce<unknown>((at, name) => Object(Object(at)['nested'])[name], root);
  return Object.keys(Object(Object(node)['nested']));
}

test('of the SDK’s description only what the services need is made into objects, once for all clients and errors', () => {
  const lean = leanGax(gax, ['Instances', 'ZoneOperations']);
  const [one, other] = [new lean.fallback.GrpcClient(), new lean.fallback.GrpcClient()];
  const json = Object(description);
  const root = one.loadProtoJSON(json);
  expect(other.loadProtoJSON(json)).toBe(root);
  expect(lean.fallback.protobuf.Root.fromJSON(json)).toBe(root);
  const kept = namesBelow(root, 'google', 'cloud', 'compute', 'v1');
  expect(kept).toEqual(expect.arrayContaining(['Instances', 'ZoneOperations', 'Instance', 'Operation', 'Scheduling']));
  expect(kept.length).toBeLessThan(250);
  expect(namesBelow(root, 'google', 'cloud', 'compute'), 'no other version of the API').toEqual(['v1']);
  expect(namesBelow(description, 'google', 'cloud', 'compute', 'v1').length).toBeGreaterThan(1_500);
});

test('a description of another form is used whole', () => {
  const json = { nested: { other: { nested: { Thing: { fields: {} } } } } };
  const root = new (leanGax(gax, ['Instances']).fallback.GrpcClient)().loadProtoJSON(json);
  expect(namesBelow(root, 'other')).toEqual(['Thing']);
});
