import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

const pageBytes = 4096;

/**
 * Pages in the write-ahead log at which a commit copies them into the database. Twice SQLite's default, because that one
 * commit takes some milliseconds longer.
 */
export const checkpointPages = 2000;

/** Of pages that SQLite keeps in memory at most. */
export const cacheKib = 32_768;

/**
 * Makes the log file as large as it will become. Overwriting a file syncs in half the time of growing it, which has to
 * write the new size and blocks too (measured: 0.13 against 0.25 ms for 28 KB), and SQLite overwrites the log after each
 * checkpoint. The database grows by as much free space, which later containers use. Not done on a disk that is nearly full.
 * Best effort: failing is no error.
 */
export function preallocateLog(database: DatabaseSync, path: string): void {
  const bytes = checkpointPages * pageBytes;
  try {
    if (path === ':memory:' || (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) >= bytes) return;
    const { bavail, bsize } = statfsSync(dirname(path));
    if (bavail * bsize < bytes * 16) return;
    fillLog(database, bytes);
  } catch {
    // The disk is nearly full, or another process is writing: commits will sync a little slower.
  }
}

function fillLog(database: DatabaseSync, bytes: number): void {
  // The pages go to the log as they come: once in memory, they would all stay there (8 MB in a dispatcher at rest).
  database.exec('PRAGMA cache_size = -256');
  try {
    database.exec('DROP TABLE IF EXISTS ballast');
    // Two transactions: pages that are freed in the one that filled them are never written.
    database.exec('CREATE TABLE ballast (bytes BLOB)');
    database.exec(`INSERT INTO ballast VALUES (zeroblob(${bytes}))`);
    database.exec('DROP TABLE ballast');
  } finally {
    database.exec(`PRAGMA cache_size = -${cacheKib}`);
  }
}

/** Copies the log into the database, as far as nobody is in the way. Best effort. */
export function checkpoint(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // Busy, or the disk is full: the log stays as it is, and the next commit that needs the space says so.
  }
}
