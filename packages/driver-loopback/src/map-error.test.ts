import {
  AuthError,
  CapacityError,
  InvalidRequestError,
  NotFoundError,
  QuotaError,
  TransientCloudError,
} from '@drover/spec';
import { expect, test } from 'vitest';
import { mapError } from './map-error.ts';

const systemError = (code: string): Error => Object.assign(new Error(`${code}: as the system says`), { code });

test.each([
  ['ENOSPC', CapacityError],
  ['EDQUOT', CapacityError],
  ['EMFILE', CapacityError],
  ['ENFILE', CapacityError],
  ['ENOMEM', CapacityError],
  ['EAGAIN', CapacityError],
  ['EACCES', AuthError],
  ['EPERM', AuthError],
  ['EROFS', AuthError],
  ['ENAMETOOLONG', InvalidRequestError],
  ['ENOTDIR', InvalidRequestError],
  ['EIO', TransientCloudError],
  ['ENOENT', TransientCloudError],
])('%s', (code, expected) => {
  const cause = systemError(code);
  const error = mapError(cause, 'create vm-1');
  expect(error).toBeInstanceOf(expected);
  expect(error.cause).toBe(cause);
  expect(error.message).toBe(`loopback: cannot create vm-1: ${code}: as the system says`);
});

test('a full machine rules out every offering', () => {
  expect(mapError(systemError('ENOSPC'), 'x')).toMatchObject({ scope: 'all', retryable: true });
});

test('errors of spec stay what they are; what is no error becomes one', () => {
  for (const error of [new QuotaError('q'), new NotFoundError('n')]) expect(mapError(error, 'x')).toBe(error);
  expect(mapError('text', 'list').message).toBe('loopback: cannot list: text');
});
