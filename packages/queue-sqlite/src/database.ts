import { closeSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { damaged } from './codes.ts';
import { makeFolder } from './durable-folder.ts';
import { refuseNetworkFileSystem } from './network-file-system.ts';
import { migrate } from './schema.ts';
import { busyTimeoutMs } from './sqlite-options.ts';
import { cacheKib, checkpointPages } from './write-ahead-log.ts';

/** Databases up to this size are checked page by page when opened: measured 80 ms for 40 MB, 100,000 containers. */
export const checkedBytes = 64 * 1024 * 1024;

/**
 * Opens the database, makes it when missing (readable by its owner alone: create intents hold secrets), and brings its
 * schema up to date. @throws DroverError QUEUE_NETWORK_FILE_SYSTEM, QUEUE_SCHEMA_NEWER, QUEUE_CORRUPT; whatever SQLite
 * throws
 */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') makeFile(path);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // FULL: a commit is on the disk when it returns.
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA cache_size = -${cacheKib};
      PRAGMA temp_store = MEMORY;
    `);
    if (path !== ':memory:' && statSync(path).size <= checkedBytes) checkPages(database);
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function makeFile(path: string): void {
  const folder = dirname(path);
  makeFolder(folder);
  refuseNetworkFileSystem(folder);
  closeSync(openSync(path, 'a', 0o600));
}

/**
 * Finds damage before work begins. A larger database is found damaged when the damaged part is used.
 * @throws DroverError QUEUE_CORRUPT
 */
export function checkPages(database: DatabaseSync): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw damaged(String(found));
}
