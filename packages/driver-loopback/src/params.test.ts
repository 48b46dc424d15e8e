import { expect, test } from 'vitest';
import { loopbackParams, loopbackParamsJsonSchema } from './params.ts';

test('everything has a default', () => {
  expect(loopbackParams.parse({})).toEqual({
    maxInstances: 4,
    bootDelayMs: 0,
    createFailureRate: 0,
    bootFailureRate: 0,
    lossesPerHour: 0,
    preemptionsPerHour: 0,
    preemptionNoticeMs: 120_000,
  });
});

test('all problems are told at once', () => {
  const { error } = loopbackParams.safeParse({
    maxInstances: 0,
    bootDelayMs: -1,
    createFailureRate: 2,
    bootFailureRate: 'often',
    lossesPerHour: Number.NaN,
    surprise: true,
  });
  const paths = error?.issues.flatMap((issue) => ('keys' in issue ? issue.keys : issue.path.join('.')));
  expect(paths?.toSorted()).toEqual([
    'bootDelayMs',
    'bootFailureRate',
    'createFailureRate',
    'lossesPerHour',
    'maxInstances',
    'surprise',
  ]);
});

test('the JSON schema describes every parameter and requires none', () => {
  expect(loopbackParamsJsonSchema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: { maxInstances: { type: 'integer', default: 4, description: expect.any(String) } },
  });
  expect(loopbackParamsJsonSchema).not.toHaveProperty('required');
});
