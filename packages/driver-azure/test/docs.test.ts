import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { azureParamsJsonSchema } from '../src/params.ts';

const page = readFileSync(new URL('../../../docs/clouds/azure.md', import.meta.url), 'utf8');

test('the page on Azure tells of every parameter', () => {
  const names = Object.keys(Object(azureParamsJsonSchema['properties']));
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
