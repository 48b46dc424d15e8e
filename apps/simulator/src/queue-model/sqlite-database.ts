import type { CallOptions, ContainerQueue, ContainerStore, StateStore } from '@drover/spec';
import { SharedDatabase } from '@drover/queue-sqlite/simulation';
import { FaultyCalls, type MemoryQueue, type SeededRandom } from '@drover/testkit';
import { comparable } from './describe-reply.ts';
import { faultyQueue, faultyState, faultyStore } from './faulty-ports.ts';
import { MemoryRepeat } from './memory-repeat.ts';

const call: CallOptions = { signal: new AbortController().signal };

/** What one process has of a database. */
export interface DatabaseConnection {
  readonly queue: ContainerQueue;
  readonly store: ContainerStore;
  readonly state: StateStore;
  /** The process has ended: its lead is free, nothing more takes effect. */
  close(): void;
}

/**
 * A real SQLite database in memory that answers dispatchers and users, with the delays and faults of the queue in memory. That one
 * repeats every transaction as it is committed, so that the world can look at what is stored at any moment; every answer of the one
 * is compared with the other's, and in the end all that is stored. Where they differ one of them is wrong.
 */
export class SqliteDatabase {
  readonly #memory: MemoryQueue;
  readonly #random: SeededRandom;
  readonly #onDifference: (detail: string) => void;
  readonly #repeat: MemoryRepeat;
  readonly #shared: SharedDatabase;
  #transactions = 0;

  constructor(memory: MemoryQueue, random: SeededRandom, onDifference: (detail: string) => void) {
    this.#memory = memory;
    this.#random = random;
    this.#onDifference = onDifference;
    this.#shared = new SharedDatabase({
      clock: memory.options.clock,
      onBatch: (batch) => {
        this.#transactions += 1;
        this.#repeat.batch(batch);
      },
      onClosed: (connection) => this.#repeat.closed(connection),
    });
    this.#repeat = new MemoryRepeat(memory, onDifference);
  }

  /** Answers compared so far. */
  get compared(): number {
    return this.#repeat.compared;
  }

  /** How many have been carried out. Each is done in a tick of the process. */
  readonly transactions = (): number => this.#transactions;

  /** A connection of another process. */
  open(): DatabaseConnection {
    const { options, faults: planned } = this.#memory;
    const { clock, faults, latencyMs } = options;
    const { queue, store, state, close } = this.#shared.open(this.#random);
    const calls = new FaultyCalls({ clock, planned, faults, latencyMs, loseLeadership: () => this.loseLeadership() });
    const perform: Parameters<typeof faultyQueue>[1] = (asked, effect) => calls.perform(asked, effect);
    return {
      queue: faultyQueue(queue, perform),
      store: faultyStore(store, perform),
      state: faultyState(state, perform),
      close: () => {
        calls.close();
        void close();
      },
    };
  }

  /** Takes the lead from whoever has it. */
  loseLeadership(): void {
    this.#memory.loseLeadership();
    this.#shared.loseLead();
  }

  /** Compares every container with all its attempts and logs. */
  async compareAll(): Promise<void> {
    const { store, close } = this.#shared.open(this.#random);
    for (const uuid of this.#memory.containers.byUuid.keys()) {
      const ours = comparable(await store.get(uuid, call));
      const theirs = comparable(this.#memory.record(uuid));
      if (ours !== theirs) this.#onDifference(`${uuid} is stored as ${ours}, and in memory as ${theirs}`);
      const log = await store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 1e6 }, call);
      if (!Buffer.from(log).equals(Buffer.from(this.#memory.containers.log(uuid, 'stdout', undefined))))
        this.#onDifference(`the log of ${uuid} is stored with ${log.length} bytes that differ`);
    }
    await close();
    this.#shared.close();
  }
}
