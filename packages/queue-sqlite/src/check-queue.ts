import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkedBytes, checkPages } from './database.ts';
import { refuseNetworkFileSystem } from './network-file-system.ts';
import { checkVersion, schemaVersion } from './schema.ts';
import { fromWire, toWire } from './wire-error.ts';

/** What is known of a queue database without changing it. */
export type QueueFinding =
  | { readonly kind: 'absent' }
  /** `older`: the next start brings its schema up to date. */
  | { readonly kind: 'present'; readonly schema: 'current' | 'older'; readonly sizeBytes: number };

/**
 * Looks at the queue database at this path, or at the folder where it would be made (which must exist); leaves both as they are.
 * A dispatcher may be using it.
 * @throws DroverError QUEUE_NETWORK_FILE_SYSTEM, QUEUE_CORRUPT, QUEUE_SCHEMA_NEWER, QueueUnavailableError
 */
export function checkQueue(path: string): QueueFinding {
  try {
    refuseNetworkFileSystem(dirname(path));
    if (!existsSync(path)) return { kind: 'absent' };
    const { size } = statSync(path);
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      if (size <= checkedBytes) checkPages(database);
      const version = checkVersion(database);
      return { kind: 'present', schema: version === schemaVersion ? 'current' : 'older', sizeBytes: size };
    } finally {
      database.close();
    }
  } catch (error) {
    throw fromWire(toWire(error));
  }
}
