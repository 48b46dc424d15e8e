import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { refuseNetworkFileSystem } from './network-file-system.ts';
import { migrate } from './schema.ts';
import { busyTimeoutMs } from './sqlite-options.ts';

/**
 * Opens the database, makes it when missing (readable by its owner alone: create intents hold secrets), and brings its
 * schema up to date. @throws DroverError QUEUE_NETWORK_FILE_SYSTEM, QUEUE_SCHEMA_NEWER; whatever SQLite throws
 */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseNetworkFileSystem(folder);
    closeSync(openSync(path, 'a', 0o600));
  }
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // FULL: a commit is on the disk when it returns. Checkpoints at 8 MB of log instead of 4 stall half as often.
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 2000;
      PRAGMA cache_size = -32768;
      PRAGMA temp_store = MEMORY;
    `);
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
