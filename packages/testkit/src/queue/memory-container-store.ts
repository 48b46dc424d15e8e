import { eventLimit, listLimit, logRange, toSummary } from '@drover/queue-rules';
import type {
  ContainerEvent,
  ContainerState,
  ContainerStore,
  ContainerSummary,
  ContainerUuid,
  ListFilter,
} from '@drover/spec';
import type { MemoryCall } from './memory-connection.ts';
import type { MemoryContainers } from './memory-containers.ts';
import type { MemoryQueue } from './memory-queue.ts';

type Call = <T>(request: MemoryCall<T>) => Promise<T>;

/** The users' port to a queue in memory. */
export function memoryContainerStore(database: MemoryQueue, call: Call): ContainerStore {
  const { containers } = database;
  return {
    submit: (specs, options) =>
      call({ operation: 'submit', options, effect: () => containers.submit(specs, options.idempotencyKey) }),
    get: (uuid, options) => call({ operation: 'get', uuid, options, effect: () => database.record(uuid) }),
    list: (filter, options) => call({ operation: 'list', options, effect: () => list(containers, filter) }),
    counts: (options) => call({ operation: 'counts', options, effect: () => counts(containers) }),
    events: (after, options) =>
      call({
        operation: 'events',
        options,
        effect: () => {
          if (options.uuid !== undefined) containers.find(options.uuid);
          return history(containers, after, options.uuid, eventLimit(options.limit));
        },
      }),
    lastEvent: (options) => call({ operation: 'lastEvent', options, effect: () => containers.events.length }),
    readLog: (uuid, stream, range, options) =>
      call({
        operation: 'readLog',
        uuid,
        options,
        effect: () => {
          const bytes = containers.log(uuid, stream, range.generation);
          const { start, end } = logRange(bytes.length, range.offset, range.maxBytes);
          return new Uint8Array(bytes.subarray(start, end));
        },
      }),
    setPriority: (uuid, priority, reason, options) =>
      call({
        operation: 'setPriority',
        uuid,
        options,
        effect: () => {
          containers.apply(uuid, { kind: 'priority', priority, reason });
        },
      }),
  };
}

function list(containers: MemoryContainers, filter: ListFilter): ContainerSummary[] {
  const before = filter.after === undefined ? Infinity : containers.find(filter.after).sequence;
  return [...containers.byUuid.values()]
    .toReversed()
    .filter((c) => c.sequence < before && (filter.states?.includes(c.facts.state) ?? true))
    .slice(0, listLimit(filter.limit))
    .map((c) => toSummary(c.facts, c, c.attempts.get(c.facts.generation)));
}

function counts(containers: MemoryContainers): Record<ContainerState, number> {
  const count = { Queued: 0, Locked: 0, Running: 0, Complete: 0, Cancelled: 0 };
  for (const { facts } of containers.byUuid.values()) count[facts.state] += 1;
  return count;
}

function history(
  { events }: MemoryContainers,
  after: number,
  uuid: ContainerUuid | undefined,
  limit: number,
): ContainerEvent[] {
  const found: ContainerEvent[] = [];
  for (let i = Math.max(0, after); i < events.length && found.length < limit; i += 1) {
    const event = events[i];
    if (event !== undefined && (uuid === undefined || event.uuid === uuid)) found.push(event);
  }
  return found;
}
