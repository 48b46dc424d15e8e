import type { ContainerEvent, DroverError, LogStream } from '@drover/spec';
import { containerEventSchema } from '../schemas/container-schemas.ts';
import { type Endpoint, queryOf, send } from './http.ts';
import { resumable } from './resumable.ts';
import { serverSentEvents } from './sse-parser.ts';

/** How a stream is followed. */
export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Told whenever the connection is lost; it is then tried again. */
  readonly onLost?: (error: DroverError) => void;
}

/** Events after a sequence, for ever. */
export async function* followEvents(
  endpoint: Endpoint,
  { path, after }: { readonly path: string; readonly after: number },
  options: FollowOptions,
): AsyncGenerator<ContainerEvent> {
  let last = after;
  yield* resumable(async function* (onConnected) {
    const headers = { accept: 'text/event-stream' };
    const call = { path: `${path}${queryOf({ after: last })}`, headers, isStream: true, signal: options.signal };
    const response = await send(endpoint, call);
    onConnected();
    for await (const { id, data } of serverSentEvents(response.body ?? new ReadableStream<Uint8Array>())) {
      // Events without an id say that the stream ends; the next one goes on after the last that had one.
      if (id === undefined) break;
      const event = containerEventSchema.parse(JSON.parse(data));
      last = event.sequence;
      yield event;
    }
    return 'again' as const;
  }, options);
}

/** The bytes of a log from an offset. Whatever is lost with a connection is asked for again. */
export async function* followLog(
  endpoint: Endpoint,
  path: string,
  query: {
    readonly stream: LogStream;
    readonly offset?: number;
    readonly generation?: number;
    readonly follow?: boolean;
  },
  options: FollowOptions,
): AsyncGenerator<Uint8Array> {
  let offset = query.offset ?? 0;
  yield* resumable(async function* (onConnected) {
    const call = { path: `${path}${queryOf({ ...query, offset })}`, isStream: true, signal: options.signal };
    const response = await send(endpoint, call);
    onConnected();
    for await (const bytes of response.body ?? []) {
      offset += bytes.length;
      yield bytes;
    }
    return 'complete' as const;
  }, options);
}
