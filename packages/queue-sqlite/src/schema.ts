import type { DatabaseSync } from 'node:sqlite';
import { DroverError } from '@drover/spec';

/**
 * Each step takes the database from one `user_version` to the next; a step that has been released is never changed.
 *
 * States are numbers (see `codes.ts`): below 3 unfinished, so that the partial indexes stay small however many
 * containers have finished. The spec has a table of its own because an UPDATE rewrites its whole row; equal shapes
 * (resources, scheduling, retry) are stored once. Times are milliseconds since the epoch, in REAL as they come.
 */
const steps: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('epoch', 0);

  CREATE TABLE shapes (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE containers (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    shape INTEGER NOT NULL,
    submitted_at REAL NOT NULL,
    finished_at REAL,
    user_failures INTEGER NOT NULL DEFAULT 0,
    started_attempts INTEGER NOT NULL DEFAULT 0,
    infrastructure_failures INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0,
    on_demand_only INTEGER NOT NULL DEFAULT 0,
    instance_id TEXT,
    cancel_reason TEXT
  ) STRICT;
  CREATE INDEX unfinished ON containers (state, id) WHERE state < 3;
  CREATE INDEX complete ON containers (id) WHERE state = 3;
  CREATE INDEX cancelled ON containers (id) WHERE state = 4;

  CREATE TABLE specs (container INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;

  CREATE TABLE counters (state INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
  INSERT INTO counters VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0);

  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    container INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state INTEGER NOT NULL,
    detail TEXT
  ) STRICT;
  CREATE INDEX events_of_container ON events (container);

  CREATE TABLE attempts (
    container INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    instance_id TEXT,
    instance_type TEXT,
    price_per_hour REAL,
    locked_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    outcome TEXT,
    detail TEXT,
    result TEXT,
    PRIMARY KEY (container, generation)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE logs (
    container INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    size INTEGER NOT NULL,
    inline BLOB,
    PRIMARY KEY (container, generation, stream)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pins (instance_id TEXT PRIMARY KEY, keys TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE intents (create_id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE behaviors (instance_id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

/** The schema that this drover writes. */
export const schemaVersion = steps.length;

/**
 * Brings the database up to date in one transaction; two processes that open it at once do it one after the other.
 * @throws DroverError QUEUE_SCHEMA_NEWER
 */
export function migrate(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(checkVersion(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The schema that the database has. @throws DroverError QUEUE_SCHEMA_NEWER */
export function checkVersion(database: DatabaseSync): number {
  const version = versionOf(database);
  if (version <= schemaVersion) return version;
  const message = `the queue database has schema ${version}, this drover knows ${schemaVersion}`;
  throw new DroverError('QUEUE_SCHEMA_NEWER', message, { fix: 'use the drover that wrote it, or a newer one' });
}

function versionOf(database: DatabaseSync): number {
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  return typeof version === 'number' ? version : 0;
}
