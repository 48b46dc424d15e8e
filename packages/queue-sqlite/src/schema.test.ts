import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { migrate, schemaVersion } from './schema.ts';

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('PRAGMA user_version').get()?.['user_version'];
}

test('an empty database gets the schema, and keeps it when opened again', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  expect(versionOf(database)).toBe(schemaVersion);
  database.exec("INSERT INTO shapes (json) VALUES ('{}')");
  migrate(database);
  expect(database.prepare('SELECT count(*) AS n FROM shapes').get()).toEqual({ n: 1 });
});

test('a newer schema is refused and left alone', () => {
  const database = new DatabaseSync(':memory:');
  database.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
  expect(() => migrate(database)).toThrow(expect.objectContaining({ code: 'QUEUE_SCHEMA_NEWER' }));
  expect(versionOf(database)).toBe(schemaVersion + 1);
  expect(database.isTransaction).toBe(false);
});

test('a database of the first schema is brought up to date and keeps what it has', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  database.exec('DROP TABLE behaviors; PRAGMA user_version = 1');
  database.exec("INSERT INTO pins VALUES ('i-1', '[]')");
  migrate(database);
  expect(versionOf(database)).toBe(schemaVersion);
  expect(database.prepare('SELECT count(*) AS n FROM behaviors').get()).toEqual({ n: 0 });
  expect(database.prepare('SELECT count(*) AS n FROM pins').get()).toEqual({ n: 1 });
});

test('unfinished containers are found by their index alone, whatever else there is', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  const plan = (sql: string): string =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row['detail']))
      .join('; ');
  expect(plan('SELECT * FROM containers WHERE state < 3')).toContain('INDEX unfinished');
  expect(plan('SELECT * FROM containers WHERE state < 3 AND state = 0 AND id < 9 ORDER BY id DESC')).toBe(
    'SEARCH containers USING INDEX unfinished (state=? AND id<?)',
  );
  expect(plan('SELECT * FROM containers WHERE state = 4 AND id < 9 ORDER BY id DESC')).toContain('INDEX cancelled');
  expect(plan('SELECT * FROM containers WHERE id IN (SELECT container FROM events WHERE sequence > 5)')).not.toContain(
    'SCAN',
  );
});
