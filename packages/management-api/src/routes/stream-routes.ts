import { type ContainerUuid, DroverError } from '@drover/spec';
import type { ApiContext, ApiRequest } from '../api/api-context.ts';
import { query, validate } from '../api/request-input.ts';
import type { Route } from '../api/route.ts';
import { eventQuerySchema, logQuerySchema } from '../schemas/request-schemas.ts';
import { EventStreamSource, resumePoint } from '../streams/event-stream.ts';
import { LogSource } from '../streams/log-stream.ts';
import { uuidOf } from './container-routes.ts';

/** The offset to go on from, in answers that hold a part of a log. */
export const nextOffsetHeader = 'drover-next-offset';

/** Which attempt a log is of. */
export const generationHeader = 'drover-generation';

/** Events of all containers or one, and logs. */
export function streamRoutes(api: ApiContext): readonly Route[] {
  return [
    { method: 'GET', path: '/v1/events', role: 'viewer', handle: async (request) => events(api, request, undefined) },
    {
      method: 'GET',
      path: '/v1/containers/:uuid/events',
      role: 'viewer',
      handle: async (request) => {
        const { uuid } = await api.store.get(uuidOf(request), api.call());
        return events(api, request, uuid);
      },
    },
    {
      method: 'GET',
      path: '/v1/containers/:uuid/logs',
      role: 'viewer',
      handle: async (request) => logs(api, request, uuidOf(request)),
    },
  ];
}

/** Server-sent events for clients that accept them, else a page as JSON. */
async function events(api: ApiContext, request: ApiRequest, uuid: ContainerUuid | undefined): Promise<Response> {
  const { after, limit = 500 } = validate(eventQuerySchema, query(request));
  if (request.req.header('accept')?.includes('text/event-stream') !== true) {
    const last = await api.store.lastEvent(api.call());
    const items = await api.store.events(after ?? 0, { limit, ...api.call(), ...(uuid === undefined ? {} : { uuid }) });
    return request.json({ items, next: items.at(-1)?.sequence ?? after ?? 0, last });
  }
  const last = await api.store.lastEvent(api.call());
  const resumed = resumePoint(request.req.header('last-event-id'), after);
  // A place beyond the end is of a history that is gone. Without a place to go on from: the whole history of one container, of all only
  // what is yet to come.
  const from = resumed !== undefined && resumed <= last ? resumed : undefined;
  const source = new EventStreamSource({
    clock: api.deps.clock,
    feed: api.feed,
    after: from ?? (uuid === undefined ? last : 0),
    uuid,
    keepAliveMs: api.options.keepAliveMs,
    closing: api.closing,
  });
  // Proxies that buffer would hold events back.
  return api.stream(request, source, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
}

async function logs(api: ApiContext, request: ApiRequest, uuid: ContainerUuid): Promise<Response> {
  const { stream, offset, maxBytes, follow, generation: asked } = validate(logQuerySchema, query(request));
  const { store } = api;
  const record = await store.get(uuid, api.call());
  const generation = asked ?? record.attempts.at(-1)?.generation;
  if (generation === undefined || generation > record.generation) {
    const which = asked === undefined ? 'an attempt' : `attempt ${asked}`;
    throw new DroverError('API_NOT_FOUND', `container ${uuid} has not had ${which} yet`, { fix: 'wait for its start' });
  }
  const headers = {
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    [generationHeader]: String(generation),
  };
  if (maxBytes !== undefined && !follow) {
    const range = { offset, maxBytes: Math.min(maxBytes, api.options.logPieceBytes), generation };
    const bytes = await store.readLog(uuid, stream, range, api.call());
    const next = { [nextOffsetHeader]: String(offset + bytes.length), 'cache-control': 'no-store' };
    return new Response(new Uint8Array(bytes), { headers: { ...headers, ...next } });
  }
  const { logPieceBytes: pieceBytes, storeTimeoutMs } = api.options;
  const place = { uuid, stream, offset, generation, follow };
  const source = new LogSource({ store, feed: api.feed, ...place, pieceBytes, storeTimeoutMs, closing: api.closing });
  return api.stream(request, source, headers);
}
