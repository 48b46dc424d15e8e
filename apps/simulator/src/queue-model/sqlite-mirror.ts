import type { CallOptions, Clock, ContainerRecord, ContainerUuid, QueueEntry, Random } from '@drover/spec';
import { openSqliteQueue, type SqliteQueue } from '@drover/queue-sqlite';
import type { MemoryQueue, Transaction } from '@drover/testkit';

const call: CallOptions = { signal: new AbortController().signal };

/**
 * Does in a real SQLite database in memory whatever is done in the queue in memory, in the same order and at the same simulated
 * time, and compares every outcome; in the end all that is stored. Where the two differ one of them is wrong.
 */
export class SqliteMirror {
  readonly #memory: MemoryQueue;
  readonly #onDifference: (detail: string) => void;
  readonly #opened: Promise<SqliteQueue>;
  /** What each container is called there. */
  readonly #uuids = new Map<ContainerUuid, ContainerUuid>();
  readonly #clock: Clock;
  #last: Promise<void>;
  #compared = 0;
  /** When the transaction that is being repeated was done. The client waits for turns of its own, and time moves on meanwhile. */
  #atMs = 0;

  constructor(
    memory: MemoryQueue,
    ports: { readonly clock: Clock; readonly random: Random },
    onDifference: (detail: string) => void,
  ) {
    this.#memory = memory;
    this.#onDifference = onDifference;
    this.#clock = ports.clock;
    this.#opened = openSqliteQueue({ path: ':memory:', inline: true, random: ports.random, clock: this.#ownClock() });
    this.#last = this.#lead();
    memory.containers.onTransaction = (done) => {
      this.#last = this.#after(this.#last, done, ports.clock.wallMs());
    };
  }

  /** Outcomes compared so far. */
  get compared(): number {
    return this.#compared;
  }

  /** Compares every container with all its attempts and logs, and closes the database. */
  async compareAll(): Promise<void> {
    await this.#last;
    const { store, close } = await this.#opened;
    for (const [uuid, there] of this.#uuids) {
      const ours = comparable(this.#memory.record(uuid));
      const theirs = comparable(await store.get(there, call));
      if (ours !== theirs) this.#onDifference(`${uuid} is stored as ${theirs}, and in memory as ${ours}`);
      const log = await store.readLog(there, 'stdout', { offset: 0, maxBytes: 1e6 }, call);
      if (!Buffer.from(log).equals(Buffer.from(this.#memory.containers.log(uuid, 'stdout', undefined))))
        this.#onDifference(`the log of ${uuid} is stored with ${log.length} bytes that differ`);
      this.#compared += 1;
    }
    await close();
  }

  async #lead(): Promise<void> {
    const { state } = await this.#opened;
    await state.lead(call);
  }

  async #after(before: Promise<void>, done: Transaction, atMs: number): Promise<void> {
    await before;
    this.#atMs = atMs;
    await this.#repeat(done);
  }

  /** The world's, as of the transaction; without timers, because nobody is to be woken by what only repeats. */
  #ownClock(): Clock {
    return {
      wallMs: () => this.#atMs,
      monotonicMs: () => this.#clock.monotonicMs(),
      timer: () => () => undefined,
      sleep: (ms, options) => this.#clock.sleep(ms, options),
    };
  }

  async #repeat(done: Transaction): Promise<void> {
    const queues = await this.#opened;
    if (done.kind === 'submit') {
      const uuids = await queues.store.submit(done.specs, call);
      done.uuids.forEach((uuid, index) => this.#uuids.set(uuid, uuids[index] ?? ''));
      return;
    }
    const there = this.#uuids.get(done.uuid);
    if (there === undefined) return;
    const [outcome] = await Promise.allSettled([perform(queues, there, done)]);
    this.#compared += 1;
    const ours = describeOutcome(done.outcome);
    const theirs = describeOutcome(outcome?.status === 'fulfilled' ? outcome.value : outcome?.reason);
    const what = done.kind === 'move' ? done.command.kind : 'a log';
    if (ours !== theirs) this.#onDifference(`${what} of ${done.uuid} gives ${theirs}, and in memory ${ours}`);
  }
}

async function perform(
  { queue, store }: SqliteQueue,
  uuid: ContainerUuid,
  done: Exclude<Transaction, { readonly kind: 'submit' }>,
): Promise<QueueEntry | undefined> {
  if (done.kind === 'log') {
    await queue.appendLog(uuid, done.generation, done.chunk, call);
    return undefined;
  }
  const { command, logs } = done;
  switch (command.kind) {
    case 'lock':
      return (await queue.lock(uuid, command.generation, call)).entry;
    case 'unlock':
      return queue.unlock(uuid, command.generation, command.reason, call);
    case 'started':
      return queue.started(uuid, command.generation, command.record, call);
    case 'finished':
      return queue.finished(uuid, command.generation, command.result, logs, {
        ...call,
        ...(command.start === undefined ? {} : { start: command.start }),
      });
    case 'lost':
      return queue.lost(uuid, command.generation, command.loss, call);
    case 'cancel':
      return queue.cancel(uuid, command.generation, command.reason, call);
    default:
      await store.setPriority(uuid, command.priority, command.reason, call);
      return (await queue.fetch(uuid, call)).entry;
  }
}

function describeOutcome(outcome: unknown): string {
  if (outcome === undefined) return 'done';
  if (outcome instanceof Error) return 'code' in outcome ? String(outcome.code) : outcome.message;
  if (!isEntry(outcome)) return JSON.stringify(outcome);
  const { state, generation, priority, infrastructureFailures, instanceId, onDemandOnly = false } = outcome;
  return JSON.stringify({ state, generation, priority, infrastructureFailures, instanceId, onDemandOnly });
}

function isEntry(value: unknown): value is QueueEntry {
  return typeof value === 'object' && value !== null && 'infrastructureFailures' in value;
}

/** All of a record but its name, in an order of its own. */
function comparable(record: ContainerRecord): string {
  const { uuid: _, ...rest } = record;
  return JSON.stringify(rest, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : value,
  );
}
