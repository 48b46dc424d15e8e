import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkQueue } from './check-queue.ts';
import { openDatabase } from './database.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-check-queue-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('where there is none, none is made', () => {
  expect(checkQueue(join(folder, 'queue.db'))).toEqual({ kind: 'absent' });
  expect(readdirSync(folder)).toEqual([]);
});

test('one that is in use is looked at beside its user', () => {
  const path = join(folder, 'queue.db');
  const database = openDatabase(path);
  expect(checkQueue(path)).toMatchObject({ kind: 'present', schema: 'current', sizeBytes: expect.any(Number) });
  database.exec('PRAGMA user_version = 1');
  expect(checkQueue(path)).toMatchObject({ schema: 'older' });
  database.close();
});

test.each([
  {
    what: 'a newer schema',
    code: 'QUEUE_SCHEMA_NEWER',
    make: (path: string) => new DatabaseSync(path).exec('PRAGMA user_version = 99'),
  },
  { what: 'no database', code: 'QUEUE_CORRUPT', make: (path: string) => writeFileSync(path, 'x'.repeat(5000)) },
])('$what is said with its code', ({ code, make }) => {
  const path = join(folder, 'queue.db');
  make(path);
  expect(() => checkQueue(path)).toThrow(expect.objectContaining({ code }));
});
