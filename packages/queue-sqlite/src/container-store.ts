import { createHash } from 'node:crypto';
import { canonicalJson, eventLimit, newContainerUuids } from '@drover/queue-rules';
import {
  type CallOptions,
  type ContainerSpec,
  type ContainerStore,
  type ContainerUuid,
  DroverError,
  type Random,
} from '@drover/spec';
import type { Client } from './client.ts';
import { isSpec, type Shape } from './decode.ts';
import { expectReply } from './expect-reply.ts';
import type { NewContainer } from './protocol.ts';

/** One draw in 36^15 meets an old UUID; several in a row mean that the randomness is none. */
const maxDraws = 5;

/** The users' port. */
export function containerStore(client: Client, random: Random, clusterId: string): ContainerStore {
  return {
    submit: (specs, options) => submit(client, random, clusterId, specs, options),
    get: async (uuid, options) => expectReply(await client.call({ kind: 'get', uuid }, options), 'record').record,
    list: async (filter, options) =>
      expectReply(await client.call({ kind: 'list', filter }, options), 'summaries').summaries,
    counts: async (options) => expectReply(await client.call({ kind: 'counts' }, options), 'counts').counts,
    events: async (after, options) => {
      const request = { kind: 'events', after, uuid: options.uuid, limit: eventLimit(options.limit) } as const;
      return expectReply(await client.call(request, options), 'events').events;
    },
    lastEvent: async (options) => expectReply(await client.call({ kind: 'last-event' }, options), 'number').number,
    readLog: async (uuid, stream, range, options) => {
      const { generation, offset, maxBytes } = range;
      const reply = await client.call({ kind: 'read-log', uuid, stream, generation, offset, maxBytes }, options);
      return expectReply(reply, 'bytes').bytes;
    },
    setPriority: async (uuid, priority, reason, options) => {
      await client.call({ kind: 'move', uuid, command: { kind: 'priority', priority, reason }, logs: [] }, options);
    },
  };
}

async function submit(
  client: Client,
  random: Random,
  clusterId: string,
  specs: readonly ContainerSpec[],
  options: CallOptions & { readonly idempotencyKey?: string },
): Promise<readonly ContainerUuid[]> {
  const { idempotencyKey } = options;
  const key =
    idempotencyKey === undefined
      ? undefined
      : { key: idempotencyKey, hash: createHash('sha256').update(canonicalJson(specs)).digest('hex') };
  for (let draw = 0; draw < maxDraws; draw += 1) {
    const uuids = newContainerUuids(random, clusterId, specs.length);
    const containers = specs.map((spec, i) => newContainer(uuids[i] ?? '', spec));
    const reply = await client.call({ kind: 'submit', containers, key }, options);
    if (reply.kind !== 'uuid-taken') return expectReply(reply, 'uuids').uuids;
  }
  throw new DroverError('INTERNAL', `${maxDraws} draws gave UUIDs that exist: the source of randomness repeats itself`);
}

/** What could not be read again is refused now, before it waits in the queue for ever. */
function newContainer(uuid: ContainerUuid, spec: ContainerSpec): NewContainer {
  if (!isSpec(spec)) throw new DroverError('CONTAINER_INVALID', 'a value in the container has the wrong type');
  const shape: Shape = {
    resources: spec.resources,
    scheduling: spec.scheduling,
    retry: spec.retry,
    ...(spec.image === undefined ? {} : { image: spec.image }),
  };
  return { uuid, json: JSON.stringify(spec), shape: JSON.stringify(shape) };
}
