import { expect, test } from 'vitest';
import { parsePolicy, permits } from './policy.ts';

const arn = 'arn:aws:ec2:us-east-1:123456789012:instance/i-1';

function policy(...statements: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof parsePolicy> {
  return parsePolicy({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', Action: 'ec2:*', Resource: '*', ...statement })),
  });
}

function asks(keys: Readonly<Record<string, string>> = {}, action = 'ec2:TerminateInstances') {
  return { action, resource: arn, keys: new Map(Object.entries(keys)) };
}

test.each([
  [{}, true],
  [{ Action: 'ec2:terminateinstances' }, true],
  [{ Action: ['ec2:RunInstances', 'ec2:Terminate*'] }, true],
  [{ Action: 'ec2:TerminateInstance' }, false],
  [{ Resource: 'arn:aws:ec2:us-east-1:*:instance/*' }, true],
  [{ Resource: 'arn:aws:ec2:us-east-1:*:instance/i-?' }, true],
  [{ Resource: 'arn:aws:ec2:us-east-1:*:volume/*' }, false],
  [{ Resource: 'arn.aws:ec2:*' }, false],
  [{ Condition: { StringEquals: { 'aws:ResourceTag/set': 'a' } } }, true],
  [{ Condition: { StringEquals: { 'AWS:resourcetag/SET': ['b', 'a'] } } }, true],
  [{ Condition: { StringEquals: { 'aws:ResourceTag/set': '*' } } }, false],
  [{ Condition: { StringLike: { 'aws:ResourceTag/set': '*' } } }, true],
  [{ Condition: { StringEquals: { 'aws:ResourceTag/set': 'A' } } }, false],
  [{ Condition: { StringEquals: { 'aws:RequestTag/set': 'a' } } }, false],
  [{ Condition: { StringLike: { 'aws:RequestTag/set': '*' } } }, false],
  [{ Condition: { StringEquals: { 'aws:ResourceTag/set': 'a', 'ec2:CreateAction': 'x' } } }, false],
])('%j: %s', (statement, expected) => {
  expect(permits(policy(statement), asks({ 'aws:ResourceTag/set': 'a' }))).toBe(expected);
});

test('nothing is allowed by nobody, and what one denies is denied', () => {
  expect(permits(policy(), asks())).toBe(false);
  expect(permits(policy({}, { Effect: 'Deny', Action: 'ec2:TerminateInstances' }), asks())).toBe(false);
  expect(permits(policy({}, { Effect: 'Deny', Action: 'ec2:TerminateInstances' }), asks({}, 'ec2:CreateTags'))).toBe(
    true,
  );
});

test('what it does not know of the language is refused, not passed over', () => {
  expect(() => policy({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })).toThrow(/Bool/);
  expect(() => policy({ NotResource: 'x' })).toThrow(/NotResource/);
});
