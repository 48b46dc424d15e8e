import { type Command, cursorSequence, isFinal, startOf } from '@drover/queue-rules';
import type {
  CallOptions,
  ContainerQueue,
  ContainerUuid,
  LockedContainer,
  LogChunk,
  QueueEntry,
  QueueUpdate,
} from '@drover/spec';
import type { MemoryCall } from './memory-connection.ts';
import type { MemoryQueue } from './memory-queue.ts';

type Call = <T>(request: MemoryCall<T>) => Promise<T>;
type Move = Exclude<Command, { readonly kind: 'priority' }>;

/** The scheduler's port to a queue in memory. */
export function memoryContainerQueue(database: MemoryQueue, call: Call): ContainerQueue {
  const { containers } = database;
  const locked = (uuid: ContainerUuid): LockedContainer => {
    const { entry, spec } = containers.find(uuid);
    return { entry, spec };
  };
  const move = (
    uuid: ContainerUuid,
    command: Move,
    options: CallOptions,
    logs: readonly LogChunk[] = [],
  ): Promise<QueueEntry> => {
    const effect = (): QueueEntry => containers.apply(uuid, command, logs).entry;
    return call({ operation: command.kind, uuid, leaderOnly: true, options, effect });
  };
  return {
    fenced: true,
    poll: (since, options) => call({ operation: 'poll', options, effect: () => update(database, since) }),
    onWake: (listener) => database.onWake(listener),
    lock: (uuid, generation, options) => {
      const effect = (): LockedContainer => {
        containers.apply(uuid, { kind: 'lock', generation });
        return locked(uuid);
      };
      return call({ operation: 'lock', uuid, leaderOnly: true, options, effect });
    },
    fetch: (uuid, options) => call({ operation: 'fetch', uuid, options, effect: () => locked(uuid) }),
    unlock: (uuid, generation, reason, options) => move(uuid, { kind: 'unlock', generation, reason }, options),
    started: (uuid, generation, record, options) => move(uuid, { kind: 'started', generation, record }, options),
    appendLog: (uuid, generation, chunk, options) => {
      const effect = (): void => containers.appendLog(uuid, generation, chunk);
      return call({ operation: 'appendLog', uuid, leaderOnly: true, options, effect });
    },
    finished: (uuid, generation, result, logs, options) =>
      move(uuid, { kind: 'finished', generation, result, ...startOf(options) }, options, logs),
    lost: (uuid, generation, loss, options) => move(uuid, { kind: 'lost', generation, loss }, options),
    cancel: (uuid, generation, reason, options) => move(uuid, { kind: 'cancel', generation, reason }, options),
  };
}

function update({ containers }: MemoryQueue, since: string | undefined): QueueUpdate {
  const cursor = String(containers.events.length);
  const from = cursorSequence(since);
  if (from === undefined || from > containers.events.length) {
    const unfinished = [...containers.byUuid.values()].filter((c) => !isFinal(c.facts.state));
    return { cursor, complete: true, entries: unfinished.map((c) => c.entry) };
  }
  const changed = new Set(containers.events.slice(from).map((event) => event.uuid));
  return { cursor, complete: false, entries: [...changed].map((uuid) => containers.find(uuid).entry) };
}
