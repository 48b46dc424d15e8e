import { DroverError, type ErrorCode } from '@drover/spec';
import { expect, test } from 'vitest';
import { HttpFailure } from '../src/http-failure.ts';
import { isAlreadyThere, isConflict, isMissingInstance, mapError } from '../src/map-error.ts';
import { failed, refusal } from './error-forms.ts';
import { errorTable } from './error-table.ts';

/** 12:34:50 UTC: ten seconds before a full minute. */
const at = { doing: 'create drover-1', wallMs: Date.UTC(2026, 0, 1, 12, 34, 50) };
const zone = 'projects/my-lab-1/zones/us-central1-a';

const advice = (detail: unknown): object => ({ fix: expect.stringContaining(String(detail)) });

/** What a row's last column is about: the wait, the scope, or words in the advice. */
function expectedOf(code: ErrorCode, detail: string | number | undefined): object {
  if (detail === undefined) return {};
  if (code === 'CLOUD_RATE_LIMIT') return { retryAfterMs: detail };
  return code === 'CLOUD_CAPACITY' ? { scope: detail } : advice(detail);
}

test.for(errorTable)('%s', ([, error, code, detail]) => {
  const mapped = mapError(error, at);
  expect(mapped.code).toBe(code);
  expect(mapped.message).toContain('create drover-1');
  expect(mapped).toMatchObject(expectedOf(code, detail));
});

test("an error of spec's own goes through as it is", () => {
  const error = new DroverError('CLOUD_QUOTA', 'x');
  expect(mapError(error, at)).toBe(error);
});

test('a missing zone or project is no missing instance', () => {
  const missing = (message: string): boolean =>
    isMissingInstance(refusal({ status: 404, reason: 'notFound', message }));
  expect(missing(`The resource '${zone}/instances/drover-1' was not found`)).toBe(true);
  expect(missing(`The resource '${zone}' was not found`)).toBe(false);
  expect(missing("The resource 'projects/my-lab-1' was not found")).toBe(false);
  expect(isMissingInstance(new HttpFailure(404, '<html>', undefined))).toBe(false);
});

test('conflicts and names that are taken are told apart from other refusals', () => {
  expect(isConflict(refusal({ status: 412, reason: 'conditionNotMet', message: 'x' }))).toBe(true);
  expect(isConflict(failed('CONDITION_NOT_MET'))).toBe(true);
  expect(isConflict(refusal({ status: 409, reason: 'alreadyExists', message: 'x' }))).toBe(false);
  expect(isAlreadyThere(refusal({ status: 409, reason: 'alreadyExists', message: 'x' }))).toBe(true);
  expect(isAlreadyThere(failed('RESOURCE_ALREADY_EXISTS'))).toBe(true);
  expect(isAlreadyThere(refusal({ status: 409, reason: 'resourceInUseByAnotherResource', message: 'x' }))).toBe(false);
});
