import {
  attemptNeeded,
  canonicalJson,
  type Command,
  type ContainerFacts,
  isHeld,
  newContainerUuids,
  newFacts,
  newLogBytes,
  type QueueLimits,
  toEntry,
} from '@drover/queue-rules';
import {
  type Attempt,
  type Clock,
  type ContainerEvent,
  ContainerNotFoundError,
  type ContainerSpec,
  type ContainerUuid,
  DroverError,
  type LogChunk,
  LockConflictError,
  type LogStream,
  type QueueEntry,
  type Random,
} from '@drover/spec';
import type { QueueRules } from './memory-queue-options.ts';

/** One container and all that belongs to it. */
export interface StoredContainer {
  facts: ContainerFacts;
  /** Replaced whenever the container changes, the same object otherwise. */
  entry: QueueEntry;
  readonly spec: ContainerSpec;
  readonly sequence: number;
  readonly submittedAtMs: number;
  readonly attempts: Map<number, Attempt>;
  readonly logs: Map<string, Uint8Array>;
}

/** The tables of a queue in memory. Synchronous; every method is one transaction. */
export class MemoryContainers {
  readonly byUuid = new Map<ContainerUuid, StoredContainer>();
  readonly events: ContainerEvent[] = [];
  readonly #keys = new Map<string, { readonly contents: string; readonly uuids: readonly ContainerUuid[] }>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #clusterId: string;
  readonly #limits: QueueLimits;
  readonly #rules: QueueRules;
  readonly #onEvent: (event: ContainerEvent) => void;

  constructor(
    ports: { readonly clock: Clock; readonly random: Random },
    options: { readonly clusterId: string; readonly limits: QueueLimits; readonly rules: QueueRules },
    onEvent: (event: ContainerEvent) => void,
  ) {
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#clusterId = options.clusterId;
    this.#limits = options.limits;
    this.#rules = options.rules;
    this.#onEvent = onEvent;
  }

  find(uuid: ContainerUuid): StoredContainer {
    const found = this.byUuid.get(uuid);
    if (found === undefined) throw new ContainerNotFoundError(`no container ${uuid}`);
    return found;
  }

  /** `given`: the names of the containers; default: drawn. */
  submit(
    specs: readonly ContainerSpec[],
    key: string | undefined,
    given: readonly ContainerUuid[] = [],
  ): readonly ContainerUuid[] {
    const contents = key === undefined ? '' : canonicalJson(specs);
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) {
      if (known.contents === contents) return known.uuids;
      throw new DroverError('API_CONFLICT', `the idempotency key was used before with other contents`);
    }
    const uuids = specs.map((spec, index) => this.#insert(spec, given[index]));
    if (key !== undefined) this.#keys.set(key, { contents, uuids });
    return uuids;
  }

  /** Decides and, when it is a change, writes facts, attempt, logs and event together. */
  apply(uuid: ContainerUuid, command: Command, logs: readonly LogChunk[] = []): StoredContainer {
    const container = this.find(uuid);
    const generation = attemptNeeded(command) ?? container.facts.generation;
    const verdict = this.#rules(command, {
      facts: container.facts,
      attempt: container.attempts.get(generation),
      atMs: this.#clock.wallMs(),
      limits: this.#limits,
    });
    if (verdict.kind === 'refused') throw verdict.error;
    if (verdict.kind === 'repeat') return container;
    this.#writeLogs(container, generation, logs);
    container.facts = verdict.facts;
    container.entry = toEntry(verdict.facts, container.spec, container);
    if (verdict.attempt !== undefined) container.attempts.set(verdict.attempt.generation, verdict.attempt);
    this.#record(container, verdict.event.kind, verdict.event.detail);
    return container;
  }

  appendLog(uuid: ContainerUuid, generation: number, chunk: LogChunk): void {
    const container = this.find(uuid);
    const { facts } = container;
    const stored = container.logs.get(logKey(generation, chunk.stream));
    const isNew = newLogBytes(stored?.length ?? 0, chunk).length > 0;
    if (isNew && !(isHeld(facts.state) && facts.generation === generation))
      throw new LockConflictError(`log of ${uuid} generation ${generation} is refused: that attempt is over`);
    this.#writeLogs(container, generation, [chunk]);
  }

  log(uuid: ContainerUuid, stream: LogStream, generation: number | undefined): Uint8Array {
    const container = this.find(uuid);
    return container.logs.get(logKey(generation ?? container.facts.generation, stream)) ?? new Uint8Array();
  }

  #insert(spec: ContainerSpec, given = ''): ContainerUuid {
    let uuid = given;
    while (uuid === '' || this.byUuid.has(uuid)) uuid = newContainerUuids(this.#random, this.#clusterId, 1)[0] ?? '';
    const facts = newFacts(uuid, spec);
    const place = { sequence: this.byUuid.size + 1, submittedAtMs: this.#clock.wallMs() };
    const container: StoredContainer = {
      facts,
      entry: toEntry(facts, spec, place),
      spec,
      ...place,
      attempts: new Map(),
      logs: new Map(),
    };
    this.byUuid.set(uuid, container);
    this.#record(container, 'submitted', undefined);
    return uuid;
  }

  #writeLogs(container: StoredContainer, generation: number, chunks: readonly LogChunk[]): void {
    const changed = new Map<string, Uint8Array>();
    for (const chunk of chunks) {
      const key = logKey(generation, chunk.stream);
      const stored = changed.get(key) ?? container.logs.get(key) ?? new Uint8Array();
      changed.set(key, Buffer.concat([stored, newLogBytes(stored.length, chunk)]));
    }
    for (const [key, bytes] of changed) container.logs.set(key, bytes);
  }

  #record(container: StoredContainer, kind: ContainerEvent['kind'], detail: string | undefined): void {
    const event: ContainerEvent = {
      sequence: this.events.length + 1,
      atMs: this.#clock.wallMs(),
      uuid: container.facts.uuid,
      kind,
      generation: container.facts.generation,
      state: container.facts.state,
      ...(detail === undefined ? {} : { detail }),
    };
    this.events.push(event);
    this.#onEvent(event);
  }
}

function logKey(generation: number, stream: LogStream): string {
  return `${generation}/${stream}`;
}
