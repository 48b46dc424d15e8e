import { expect, test } from 'vitest';
import { errorOf, type ErrorMeaning } from './error-of.ts';

const meanings: readonly (readonly [ErrorMeaning, object])[] = [
  [
    { kind: 'rate-limit', retryAfterMs: 5 },
    { code: 'CLOUD_RATE_LIMIT', retryAfterMs: 5 },
  ],
  [{ kind: 'rate-limit' }, { code: 'CLOUD_RATE_LIMIT', retryAfterMs: undefined }],
  [
    { kind: 'capacity', scope: 'offering' },
    { code: 'CLOUD_CAPACITY', scope: 'offering' },
  ],
  [{ kind: 'quota' }, { code: 'CLOUD_QUOTA' }],
  [{ kind: 'auth' }, { code: 'CLOUD_AUTH' }],
  [{ kind: 'invalid' }, { code: 'CLOUD_INVALID_REQUEST' }],
  [{ kind: 'not-found' }, { code: 'CLOUD_NOT_FOUND' }],
  [{ kind: 'transient' }, { code: 'CLOUD_TRANSIENT' }],
];

test.each(meanings)('%o', (meaning, expected) => {
  const cause = new Error('of the SDK');
  expect(errorOf(meaning, 'what', { cause, fix: 'how' })).toMatchObject({ ...expected, cause, fix: 'how' });
});
