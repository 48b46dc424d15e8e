import { expect, test } from 'vitest';
import { gceParams, gceParamsJsonSchema } from './params.ts';

const least = { project: 'my-lab-1234', zones: ['us-central1-a'] };
const key = JSON.stringify({
  type: 'service_account',
  client_email: 'a@b',
  private_key: '-----BEGIN PRIVATE KEY-----',
});

test('a project and a zone are enough', () => {
  expect(gceParams.parse(least)).toEqual({
    ...least,
    externalAddress: false,
    networkTags: [],
    adminUsername: 'drover',
    bootDisk: { sizeGib: 20, type: 'pd-balanced' },
    scratch: { kind: 'persistent', type: 'pd-balanced' },
    namePrefix: 'drover',
    metadata: {},
    apiEndpoint: 'https://compute.googleapis.com',
  });
});

test('all problems are told at once, each with how to mend it', () => {
  const { error } = gceParams.safeParse({
    project: 'My Lab',
    zones: ['us-central1', 'moon'],
    networkTags: ['Big'],
    serviceAccount: { email: 'nobody' },
    adminUsername: 'root',
    bootDisk: { sizeGib: 1, type: 'SSD' },
    scratch: { kind: 'floppy' },
    namePrefix: '9',
    metadata: { 'startup-script': 'x' },
    credentials: '{"type":"authorized_user","secret":"hunter2"}',
    apiEndpoint: 'http://10.0.0.1',
    surprise: true,
  });
  const told = new Map(error?.issues.map((issue) => [issue.path.join('.'), issue.message]));
  expect([...told.keys()].toSorted()).toEqual([
    '',
    'adminUsername',
    'apiEndpoint',
    'bootDisk.sizeGib',
    'bootDisk.type',
    'credentials',
    'metadata',
    'namePrefix',
    'networkTags.0',
    'project',
    'scratch.kind',
    'serviceAccount.email',
    'zones.0',
    'zones.1',
  ]);
  expect(told.get('zones.1')).toContain('us-central1-a');
  expect(told.get('credentials')).toContain('gcloud iam service-accounts keys create');
  expect(told.get('metadata')).toContain('remove');
  expect([...told.values()].join()).not.toContain('hunter2');
});

test.each([
  { zones: [], says: 'at least one zone' },
  { zones: ['us-central1-a', 'us-east1-b'], says: 'one region' },
  { zones: ['us-central1-a', 'us-central1-a'], says: 'twice' },
])('zones $zones are refused', ({ zones, says }) => {
  expect(gceParams.safeParse({ ...least, zones }).error?.issues[0]?.message).toContain(says);
});

test('a key is taken, and a fake on this machine may speak http', () => {
  const given = { ...least, credentials: key, apiEndpoint: 'http://127.0.0.1:8080' };
  expect(gceParams.parse(given)).toMatchObject(given);
});

test('the JSON schema describes every parameter, requires two, and marks the secret', () => {
  expect(gceParamsJsonSchema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['project', 'zones'],
    properties: { credentials: { writeOnly: true, type: 'string' }, externalAddress: { default: false } },
  });
});
