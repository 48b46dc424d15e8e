import { expect, test } from 'vitest';
import { requestProblems, responseProblems } from './validate.ts';

const osDisk = { createOption: 'FromImage', deleteOption: 'Delete' };
const vm = (changes: object, storage: object = { osDisk }): object => ({
  location: 'centralus',
  properties: { storageProfile: storage },
  ...changes,
});

test('what Microsoft describes passes', () => {
  expect(requestProblems('compute.VirtualMachine', vm({ tags: { a: 'b' } }))).toEqual([]);
  const answer = vm({ id: '/x', etag: '"1"', properties: { provisioningState: 'Creating' } });
  expect(responseProblems('compute.VirtualMachine', answer)).toEqual([]);
});

test.each([
  ['a property that is not there', vm({ surprise: 1 }), 'additional'],
  ['one that is not there, deep inside', vm({}, { osDisk: { ...osDisk, deletOption: 'Delete' } }), 'deletOption'],
  ['another type', vm({ zones: '1' }), '/zones'],
  [
    'a value that is not among the known ones',
    vm({}, { osDisk: { ...osDisk, deleteOption: 'Remove' } }),
    'deleteOption',
  ],
  ['a missing one', { properties: {} }, 'location'],
  ['one that only Azure sets', vm({ etag: '"1"' }), '/etag'],
])('a request with %s is refused', (_what, body, where) => {
  const problems = requestProblems('compute.VirtualMachine', body);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(where);
});

test.each([
  ['compute.VirtualMachine', vm({ surprise: 1 })],
  ['network.NetworkInterface', { properties: { ipConfigurations: [{ properties: { privateIPAddress: 7 } }] } }],
  ['compute.CloudError', { error: { code: 1 } }],
  ['compute.ListUsagesResult', { value: [{ unit: 'Count', currentValue: '1', limit: 2 }] }],
] as const)('an answer %s that is not as described is found', (name, body) => {
  expect(responseProblems(name, body)).not.toEqual([]);
});
