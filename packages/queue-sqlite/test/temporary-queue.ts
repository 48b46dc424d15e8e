import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { QueueHarness } from '@drover/testkit/conformance';
import { openSqliteQueue, type SqliteQueueOptions } from '../src/index.ts';

/** A folder of its own, removed by `remove`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'drover-queue-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Options for a queue in this folder. */
export function queueIn(folder: string, more: Partial<SqliteQueueOptions> = {}): SqliteQueueOptions {
  return {
    path: join(folder, 'queue.db'),
    logsDirectory: join(folder, 'logs'),
    clock: new SimulatedClock(),
    random: new SeededRandom(1),
    inline: true,
    ...more,
  };
}

/** A queue in files, in a worker or not, each connection with a randomness of its own. */
export function fileHarness(more: Partial<SqliteQueueOptions> = {}): QueueHarness {
  const folder = temporaryFolder();
  let opened = 0;
  return {
    open: () => {
      opened += 1;
      return openSqliteQueue(queueIn(folder.path, { random: new SeededRandom(opened), ...more }));
    },
    dispose: folder.remove,
  };
}

/** A queue in memory, which only one connection can see. */
export function memoryHarness(): QueueHarness {
  const options = { path: ':memory:', clock: new SimulatedClock(), random: new SeededRandom(1), inline: true };
  return { open: () => openSqliteQueue(options), shared: false, dispose: () => undefined };
}
