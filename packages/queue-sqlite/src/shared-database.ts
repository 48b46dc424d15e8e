import type { DatabaseSync } from 'node:sqlite';
import { defaultQueueLimits, type QueueLimits, queueInUse } from '@drover/queue-rules';
import type { Clock, Random } from '@drover/spec';
import { Client } from './client.ts';
import { openDatabase } from './database.ts';
import { Engine } from './engine.ts';
import type { InstanceLock } from './instance-lock.ts';
import { portsOf, type SqliteQueue } from './open.ts';
import type { BatchOutcome, Envelope } from './protocol.ts';
import type { Transport } from './transport.ts';

/** One transaction that was carried out. */
export interface Batch {
  /** Of the connection that asked for it, counted from 1; 0: nobody's. */
  readonly connection: number;
  readonly requests: readonly Envelope[];
  readonly outcome: BatchOutcome;
}

/** What a database in memory for several is made with. */
export interface SharedDatabaseOptions {
  readonly clock: Clock;
  readonly limits?: Partial<QueueLimits>;
  readonly clusterId?: string;
  /** Hears of every transaction before those do who asked for it. */
  readonly onBatch?: (batch: Batch) => void;
  /** Hears that a connection has given up the lead, if it had it, and is closed. */
  readonly onClosed?: (connection: number) => void;
}

interface Leader {
  readonly client: Client;
  readonly engine: Engine;
}

const engineOptions = { path: ':memory:', logsDirectory: undefined };

/**
 * One SQLite database in memory for several dispatchers, one after another or at once, each with an engine and a client of its own as
 * in a process of its own: for simulation. All of it happens on the caller's thread.
 */
export class SharedDatabase {
  readonly #options: SharedDatabaseOptions;
  readonly #limits: QueueLimits;
  readonly #database: DatabaseSync;
  readonly #clients = new Set<Client>();
  /** Whoever has the lock that an operating system would give to one process. */
  #leader: Leader | undefined;
  #connections = 0;

  constructor(options: SharedDatabaseOptions) {
    this.#options = options;
    this.#limits = { ...defaultQueueLimits, ...options.limits };
    this.#database = openDatabase(engineOptions.path);
  }

  /** The ports of another process. UUIDs of containers that it submits are drawn from `random`. */
  open(random: Random): SqliteQueue {
    this.#connections += 1;
    const client = new Client(this.#options.clock);
    client.connect(this.#transport(client, this.#connections));
    this.#clients.add(client);
    return portsOf(client, random, this.#options.clusterId);
  }

  /** Takes the lead from whoever has it: the lock is gone, another one has led meanwhile, and the loser hears of it. */
  loseLead(): void {
    const leader = this.#leader;
    this.#leader = undefined;
    const other = new Engine(this.#engineOptions(), this.#database, () => ({ release: () => undefined }));
    this.#run(other, 0, [{ id: 1, atMs: this.#options.clock.wallMs(), request: { kind: 'lead' } }]);
    other.leave();
    this.#options.onClosed?.(0);
    if (leader === undefined) return;
    const lostEpoch = leader.engine.epoch;
    leader.client.onOutcome({ replies: [], changedBy: 'nobody', lostEpoch });
  }

  close(): void {
    this.#database.close();
  }

  #transport(client: Client, connection: number): Transport {
    const engine: Engine = new Engine(this.#engineOptions(), this.#database, () => this.#takeLock({ client, engine }));
    return {
      send: (requests) => {
        const outcome = this.#run(engine, connection, requests);
        client.onOutcome(outcome);
        // A user's change reaches the dispatcher through the process that both share.
        if (outcome.changedBy !== 'user') return;
        for (const other of this.#clients)
          if (other !== client) other.onOutcome({ replies: [], changedBy: 'user', lostEpoch: undefined });
      },
      close: () => {
        engine.leave();
        this.#clients.delete(client);
        this.#options.onClosed?.(connection);
        return Promise.resolve();
      },
    };
  }

  #run(engine: Engine, connection: number, requests: readonly Envelope[]): BatchOutcome {
    const outcome = engine.run(requests);
    this.#options.onBatch?.({ connection, requests, outcome });
    return outcome;
  }

  #takeLock(leader: Leader): InstanceLock {
    if (this.#leader !== undefined) throw queueInUse('another dispatcher of this process');
    this.#leader = leader;
    return {
      release: () => {
        if (this.#leader === leader) this.#leader = undefined;
      },
    };
  }

  #engineOptions() {
    return { ...engineOptions, limits: this.#limits };
  }
}
