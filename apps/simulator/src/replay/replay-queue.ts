import {
  type Command,
  type ContainerFacts,
  decide,
  isFinal,
  newFacts,
  type QueueLimits,
  toEntry,
} from '@drover/queue-rules';
import {
  type Attempt,
  type Clock,
  ContainerNotFoundError,
  type ContainerQueue,
  type ContainerSpec,
  type ContainerUuid,
  type LockedContainer,
  type QueueEntry,
  type StateStore,
} from '@drover/spec';

interface Stored {
  readonly spec: ContainerSpec;
  readonly sequence: number;
  readonly submittedAtMs: number;
  facts: ContainerFacts;
  entry: QueueEntry;
  attempt: Attempt | undefined;
}

/** Hears of every container that has ended. */
export type OnFinal = (uuid: ContainerUuid, state: 'Complete' | 'Cancelled') => void;

/**
 * The queue of a replay: the rules of drover's own queues over a map that forgets what has ended, so that a million
 * containers fit. It answers at once and never fails.
 */
export class ReplayQueue {
  readonly port: ContainerQueue;
  readonly state: StateStore = quietStore();
  readonly #clock: Clock;
  readonly #limits: QueueLimits;
  readonly #onFinal: OnFinal;
  readonly #byUuid = new Map<ContainerUuid, Stored>();
  readonly #wakes = new Set<() => void>();
  /** What changed since the last poll. */
  #changed = new Set<ContainerUuid>();
  #submitted = 0;
  #polls = 0;

  constructor(clock: Clock, limits: QueueLimits, onFinal: OnFinal) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onFinal = onFinal;
    this.port = this.#makePort();
  }

  /** Containers that have not ended. */
  get unfinished(): number {
    return this.#byUuid.size;
  }

  submit(uuid: ContainerUuid, spec: ContainerSpec): void {
    const facts = newFacts(uuid, spec);
    this.#submitted += 1;
    const place = { sequence: this.#submitted, submittedAtMs: this.#clock.wallMs() };
    this.#byUuid.set(uuid, { spec, ...place, facts, entry: toEntry(facts, spec, place), attempt: undefined });
    this.#changed.add(uuid);
    for (const wake of this.#wakes) wake();
  }

  #makePort(): ContainerQueue {
    const locked = (uuid: ContainerUuid): LockedContainer => {
      const { entry, spec } = this.#find(uuid);
      return { entry, spec };
    };
    const move = async (uuid: ContainerUuid, command: Command): Promise<QueueEntry> => this.#apply(uuid, command);
    return {
      fenced: true,
      poll: async (since) => this.#poll(since),
      onWake: (listener) => {
        this.#wakes.add(listener);
        return () => this.#wakes.delete(listener);
      },
      lock: async (uuid, generation) => {
        this.#apply(uuid, { kind: 'lock', generation });
        return locked(uuid);
      },
      fetch: async (uuid) => locked(uuid),
      unlock: (uuid, generation, reason) => move(uuid, { kind: 'unlock', generation, reason }),
      started: (uuid, generation, record) => move(uuid, { kind: 'started', generation, record }),
      appendLog: () => Promise.reject(new Error('nothing writes logs in a replay')),
      finished: (uuid, generation, result, _logs, { start }) =>
        move(uuid, { kind: 'finished', generation, result, ...(start === undefined ? {} : { start }) }),
      lost: (uuid, generation, loss) => move(uuid, { kind: 'lost', generation, loss }),
      cancel: (uuid, generation, reason) => move(uuid, { kind: 'cancel', generation, reason }),
    };
  }

  #poll(since: string | undefined) {
    this.#polls += 1;
    const cursor = String(this.#polls);
    const uuids = since === undefined ? this.#byUuid.keys() : this.#changed;
    const entries: QueueEntry[] = [];
    for (const uuid of uuids) {
      const stored = this.#byUuid.get(uuid);
      if (stored !== undefined) entries.push(stored.entry);
    }
    this.#changed = new Set();
    return { cursor, complete: since === undefined, entries };
  }

  #apply(uuid: ContainerUuid, command: Command): QueueEntry {
    const stored = this.#find(uuid);
    const { facts, attempt } = stored;
    const verdict = decide(command, { facts, attempt, atMs: this.#clock.wallMs(), limits: this.#limits });
    if (verdict.kind === 'refused') throw verdict.error;
    if (verdict.kind === 'repeat') return stored.entry;
    stored.facts = verdict.facts;
    stored.attempt = verdict.attempt ?? attempt;
    stored.entry = toEntry(verdict.facts, stored.spec, stored);
    const { state } = verdict.facts;
    if (state === 'Complete' || state === 'Cancelled') {
      this.#byUuid.delete(uuid);
      this.#onFinal(uuid, state);
    }
    return stored.entry;
  }

  #find(uuid: ContainerUuid): Stored {
    const stored = this.#byUuid.get(uuid);
    if (stored === undefined || isFinal(stored.facts.state)) throw new ContainerNotFoundError(`${uuid} has ended`);
    return stored;
  }
}

/** One dispatcher that never restarts has nothing to remember. */
function quietStore(): StateStore {
  return {
    lead: async () => ({ epoch: 1, onLost: () => () => undefined, release: async () => undefined }),
    pins: async () => new Map(),
    setPin: async () => undefined,
    removePin: async () => undefined,
    behaviors: async () => new Map(),
    setBehavior: async () => undefined,
    recordIntent: async () => undefined,
    removeIntent: async () => undefined,
    intents: async () => [],
  };
}
