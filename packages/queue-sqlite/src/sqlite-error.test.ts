import { expect, test } from 'vitest';
import { fromSqlite } from './sqlite-error.ts';
import { fromWire, toWire } from './wire-error.ts';

test.each([
  [5, 'QUEUE_UNAVAILABLE', true],
  [6, 'QUEUE_UNAVAILABLE', true],
  [8, 'QUEUE_UNAVAILABLE', true],
  [10 | (7 << 8), 'QUEUE_UNAVAILABLE', true],
  [11, 'QUEUE_CORRUPT', false],
  [13, 'QUEUE_DISK_FULL', true],
  [14, 'QUEUE_UNAVAILABLE', true],
  [18, 'API_BAD_REQUEST', false],
  [19, 'API_BAD_REQUEST', false],
  [26, 'QUEUE_CORRUPT', false],
  [1, 'INTERNAL', false],
])('SQLite result %i is %s', (errcode, code, retryable) => {
  const error = Object.assign(new Error('what SQLite says'), { code: 'ERR_SQLITE_ERROR', errcode });
  expect(fromSqlite(error)).toMatchObject({ code, retryable, message: expect.stringContaining('what SQLite says') });
});

test.each([
  ['ENOSPC', 'QUEUE_DISK_FULL'],
  ['EDQUOT', 'QUEUE_DISK_FULL'],
  ['EACCES', 'QUEUE_UNAVAILABLE'],
])('%s of the file system is %s', (code, expected) => {
  expect(fromSqlite(Object.assign(new Error('x'), { code })).code).toBe(expected);
});

test('an error keeps class, code and advice on its way between threads', () => {
  const busy = fromSqlite(Object.assign(new Error('x'), { errcode: 5 }));
  const { cause: _cause, stack: _stack, ...expected } = busy;
  expect(fromWire(structuredClone(toWire(busy)))).toMatchObject(expected);
  expect(fromWire(toWire(busy)).constructor).toBe(busy.constructor);
});
