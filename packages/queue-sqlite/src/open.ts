import { defaultClusterId, defaultQueueLimits } from '@drover/queue-rules';
import {
  type ContainerQueue,
  type ContainerStore,
  DroverError,
  type Random,
  type StateStore,
  type Unsubscribe,
} from '@drover/spec';
import { Client } from './client.ts';
import { containerQueue } from './container-queue.ts';
import { containerStore } from './container-store.ts';
import { EntryCache } from './entry-cache.ts';
import { inlineTransport } from './inline-transport.ts';
import type { EngineOptions, SqliteQueueOptions } from './sqlite-options.ts';
import { stateStore } from './state-store.ts';
import { fromWire, toWire } from './wire-error.ts';
import { workerTransport } from './worker-transport.ts';

/** An open queue. */
export interface SqliteQueue {
  /** The scheduler's port. It changes something only while this queue leads: call `state.lead()` first. */
  readonly queue: ContainerQueue;
  /** The users' port; needs no lead. */
  readonly store: ContainerStore;
  readonly state: StateStore;
  /** Calls back whenever some container has changed, for whatever reason. */
  readonly onChange: (listener: () => void) => Unsubscribe;
  /** Answers what was asked so far, frees the lead, closes the database. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the embedded queue, making it when it does not exist.
 * @throws DroverError QUEUE_CORRUPT, QUEUE_SCHEMA_NEWER, QUEUE_NETWORK_FILE_SYSTEM, QUEUE_DISK_FULL,
 * QueueUnavailableError; CONFIG_INVALID for a database in memory that is not inline
 */
export async function openSqliteQueue(options: SqliteQueueOptions): Promise<SqliteQueue> {
  const { path, logsDirectory } = options;
  if (path === ':memory:' ? options.inline !== true : logsDirectory === undefined)
    throw new DroverError(
      'CONFIG_INVALID',
      path === ':memory:'
        ? 'a queue in memory must be opened inline'
        : 'a queue in a file needs a folder for its logs (logsDirectory)',
    );
  const engine: EngineOptions = { path, logsDirectory, limits: { ...defaultQueueLimits, ...options.limits } };
  const client = new Client(options.clock);
  if (options.inline === true) client.connect(openInline(engine, client));
  else client.connect(await workerTransport(engine, client, options.workerUrl));
  return portsOf(client, options.random, options.clusterId);
}

/** The ports over a client that is connected. */
export function portsOf(client: Client, random: Random, clusterId = defaultClusterId): SqliteQueue {
  return {
    queue: containerQueue(client, new EntryCache()),
    store: containerStore(client, random, clusterId),
    state: stateStore(client),
    onChange: (listener) => client.onChange(listener),
    close: () => client.close(),
  };
}

function openInline(engine: EngineOptions, client: Client): ReturnType<typeof inlineTransport> {
  try {
    return inlineTransport(engine, client);
  } catch (error) {
    throw fromWire(toWire(error));
  }
}
