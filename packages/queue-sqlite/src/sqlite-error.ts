import { DroverError, QueueUnavailableError } from '@drover/spec';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const sqlite = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  toobig: 18,
  constraint: 19,
  mismatch: 20,
  notadb: 26,
};

/** Names a failure of SQLite or of the file system in our terms. What fits nothing is a fault of ours: INTERNAL. */
export function fromSqlite(error: unknown): DroverError {
  const message = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  if (systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT') return diskFull(message, error);
  switch (primaryCode(error)) {
    case sqlite.busy:
    case sqlite.locked:
      return new QueueUnavailableError(`the queue database is busy: ${message}`, { ...cause, retryAfterMs: 50 });
    case sqlite.full:
      return diskFull(message, error);
    case sqlite.corrupt:
    case sqlite.notadb:
      return new DroverError('QUEUE_CORRUPT', `the queue database is damaged: ${message}`, {
        ...cause,
        fix: 'restore it from a backup, or move the file away and start with an empty queue',
      });
    case sqlite.readonly:
    case sqlite.cantopen:
    case sqlite.ioerr:
      return new QueueUnavailableError(`the queue database cannot be read or written: ${message}`, {
        ...cause,
        fix: 'check the disk, the owner and the permissions of the database file and its folder',
      });
    case sqlite.toobig:
    case sqlite.constraint:
    case sqlite.mismatch:
      return new DroverError('API_BAD_REQUEST', `a value cannot be stored: ${message}`, cause);
    default:
      break;
  }
  if (systemCode(error) !== undefined)
    return new QueueUnavailableError(`the queue's files cannot be read or written: ${message}`, cause);
  return new DroverError('INTERNAL', `the queue database failed: ${message}`, cause);
}

/** True when a statement waited in vain for another connection's lock. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === sqlite.busy || code === sqlite.locked;
}

/** True when the database itself is damaged or not one at all. */
export function isCorrupt(error: unknown): boolean {
  const code = primaryCode(error);
  return code === sqlite.corrupt || code === sqlite.notadb;
}

function diskFull(message: string, cause: unknown): DroverError {
  return new DroverError('QUEUE_DISK_FULL', `the disk of the queue is full; nothing was changed: ${message}`, {
    cause,
    retryable: true,
    fix: 'free space on that disk; the dispatcher goes on by itself',
  });
}

/** node:sqlite sets `errcode` to the extended code; the low byte is the primary one. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
