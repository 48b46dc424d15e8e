import { type Command, cursorSequence, startOf } from '@drover/queue-rules';
import {
  type CallOptions,
  type ContainerQueue,
  type ContainerUuid,
  DroverError,
  type LockedContainer,
  type LogChunk,
  type QueueEntry,
  type QueueUpdate,
} from '@drover/spec';
import type { Client } from './client.ts';
import { isResult, readSpec } from './decode.ts';
import type { EntryCache } from './entry-cache.ts';
import { expectReply } from './expect-reply.ts';
import type { Reply } from './protocol.ts';

/** The scheduler's port. */
export function containerQueue(client: Client, cache: EntryCache): ContainerQueue {
  const move = async (
    uuid: ContainerUuid,
    command: Command,
    options: CallOptions,
    logs: readonly LogChunk[] = [],
  ): Promise<QueueEntry> => {
    const reply = await client.call({ kind: 'move', uuid, command, logs: logs.map(ownBytes) }, options);
    const { entries, shapes } = expectReply(reply, 'entries');
    const [entry] = cache.take(entries, shapes);
    if (entry === undefined) throw new DroverError('INTERNAL', `the queue answered without container ${uuid}`);
    return entry;
  };
  return {
    fenced: true,
    poll: async (since, options) => poll(client, cache, cursorSequence(since), options),
    onWake: (listener) => client.onWake(listener),
    lock: async (uuid, generation, options) => {
      const command: Command = { kind: 'lock', generation };
      return locked(cache, await client.call({ kind: 'move', uuid, command, logs: [] }, options));
    },
    fetch: async (uuid, options) => locked(cache, await client.call({ kind: 'fetch', uuid }, options)),
    unlock: (uuid, generation, reason, options) => move(uuid, { kind: 'unlock', generation, reason }, options),
    started: (uuid, generation, record, options) => move(uuid, { kind: 'started', generation, record }, options),
    appendLog: async (uuid, generation, chunk, options) => {
      await client.call({ kind: 'append-log', uuid, generation, chunk: ownBytes(chunk) }, options);
    },
    finished: async (uuid, generation, result, logs, options) => {
      if (!isResult(result)) throw new DroverError('RUNNER_PROTOCOL', `the result of ${uuid} has a wrong type in it`);
      return move(uuid, { kind: 'finished', generation, result, ...startOf(options) }, options, logs);
    },
    lost: (uuid, generation, loss, options) => move(uuid, { kind: 'lost', generation, loss }, options),
    cancel: (uuid, generation, reason, options) => move(uuid, { kind: 'cancel', generation, reason }, options),
  };
}

async function poll(
  client: Client,
  cache: EntryCache,
  since: number | undefined,
  options: CallOptions,
): Promise<QueueUpdate> {
  const reply = client.foreseen.take(since) ?? (await client.call({ kind: 'poll', since }, options));
  const { entries, shapes, cursor, complete } = expectReply(reply, 'entries');
  client.foreseen.polledTo(cursor);
  return { cursor: String(cursor), complete, entries: cache.take(entries, shapes, complete) };
}

function locked(cache: EntryCache, reply: Reply): LockedContainer {
  const { entry: wire, shapes, spec } = expectReply(reply, 'locked');
  const [entry] = cache.take([wire], shapes);
  if (entry === undefined) throw new DroverError('INTERNAL', 'the queue answered without a container');
  return { entry, spec: readSpec(spec) };
}

/** Bytes of their own: cloning a view to the worker would copy the whole buffer behind it, and the caller may reuse it. */
function ownBytes(chunk: LogChunk): LogChunk {
  return { stream: chunk.stream, offset: chunk.offset, bytes: new Uint8Array(chunk.bytes) };
}
