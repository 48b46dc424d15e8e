import { expect, test } from 'vitest';
import { type AzureParams, azureParams, azureParamsJsonSchema } from './params.ts';

const needed = {
  subscriptionId: '11111111-2222-3333-4444-555555555555',
  resourceGroup: 'vms',
  network: 'pool',
  subnet: 'workers',
};

/** `path: message` of every problem. */
function problemsOf(params: unknown): readonly string[] {
  const { error } = azureParams.safeParse(params);
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`).toSorted();
}

test('what has a default may be left out', () => {
  const expected: AzureParams = {
    ...needed,
    cloudEnvironment: 'AzurePublicCloud',
    location: 'centralus',
    zones: [],
    adminUsername: 'drover',
    diskType: 'StandardSSD_LRS',
    deleteDanglingResourcesAfter: 20_000,
  };
  expect(azureParams.parse(needed)).toEqual(expected);
});

test('all problems are told at once, each with what to write instead', () => {
  const problems = problemsOf({
    subscriptionId: 'my subscription',
    clientSecret: '',
    location: 'Central US',
    zones: ['1', 'two'],
    resourceGroup: '/subscriptions/x/resourceGroups/vms',
    sharedImageGalleryName: 'shared',
    cloudEnvironment: 'AzureMoon',
    endpoint: 'http://127.0.0.1:1',
    adminUsername: 'root',
    deleteDanglingResourcesAfter: '20',
    storageAccount: 'old',
    blobContainer: 'vhds',
    surprise: 1,
  });
  const paths = problems.map((problem) => problem.slice(0, problem.indexOf(':')));
  expect(paths).toEqual([
    '',
    'adminUsername',
    'blobContainer',
    'clientId',
    'clientSecret',
    'cloudEnvironment',
    'deleteDanglingResourcesAfter',
    'endpoint',
    'location',
    'network',
    'resourceGroup',
    'sharedImageGalleryImageVersion',
    'storageAccount',
    'subnet',
    'subscriptionId',
    'tenantId',
    'zones.1',
  ]);
  for (const problem of problems.slice(1)) expect(problem).toMatch(/; |needed/);
});

test('unmanaged images are refused in clear words', () => {
  expect(problemsOf({ ...needed, storageAccount: 'old' })).toEqual([
    expect.stringMatching(/^storageAccount: unmanaged VHD images are not supported/),
  ]);
});

test.each([
  [{ sharedImageGalleryName: 'g' }, 'sharedImageGalleryImageVersion'],
  [{ sharedImageGalleryImageVersion: '1.2.3' }, 'sharedImageGalleryName'],
  [{ clientSecret: 'secret', clientId: needed.subscriptionId }, 'tenantId'],
  [{ clientSecret: 'secret', tenantId: needed.subscriptionId }, 'clientId'],
  [{ zones: ['1', '1'] }, 'zones'],
])('%j lacks or repeats something', (changes, path) => {
  expect(problemsOf({ ...needed, ...changes })).toEqual([expect.stringMatching(new RegExp(`^${path}: `))]);
});

test.each([
  ['20s', 20_000],
  ['1.5m', 90_000],
  ['250ms', 250],
  [0, 0],
])('a duration of %s', (deleteDanglingResourcesAfter, ms) => {
  expect(azureParams.parse({ ...needed, deleteDanglingResourcesAfter }).deleteDanglingResourcesAfter).toBe(ms);
});

test('the JSON schema describes every parameter and requires what has no default', () => {
  expect(azureParamsJsonSchema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      location: { type: 'string', default: 'centralus' },
      // So that the configuration has a reference, and the driver gets what it refers to.
      clientSecret: { type: 'string', writeOnly: true },
    },
    required: ['subscriptionId', 'resourceGroup', 'network', 'subnet'],
  });
});
