import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { queueInUse } from '@drover/queue-rules';
import { isBusy } from './sqlite-error.ts';

/** A lock that the kernel frees with the process. */
export interface InstanceLock {
  release(): void;
}

/**
 * Takes the one right to a path (to lead the queue there): a database beside it, kept in an exclusive transaction. It says who
 * holds it in `<path>.holder`, for people; the lock itself must not be opened in any other way by this process, because
 * closing any descriptor of the file would free it (POSIX).
 * @throws DroverError QUEUE_IN_USE
 */
export function takeInstanceLock(path: string): InstanceLock {
  if (path === ':memory:') return { release: () => undefined };
  const holderPath = `${path}.holder`;
  const database = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw isBusy(error) ? queueInUse(readHolder(holderPath)) : error;
  }
  writeHolder(holderPath);
  // The name stays behind: it is read only while somebody has the lock, and whoever takes it writes another.
  return { release: () => database.close() };
}

/** Only people read it: a full disk is no reason not to lead. What a former holder wrote must not mislead them, though. */
function writeHolder(path: string): void {
  rmSync(path, { force: true });
  try {
    writeFileSync(path, `process ${process.pid} on ${hostname()}\n`, { mode: 0o600 });
  } catch {
    rmSync(path, { force: true });
  }
}

function readHolder(path: string): string | undefined {
  try {
    const holder = readFileSync(path, 'utf8').trim();
    return holder === '' ? undefined : holder;
  } catch {
    return undefined;
  }
}
