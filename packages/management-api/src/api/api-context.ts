import type { HttpBindings } from '@hono/node-server';
import { type CallOptions, type ContainerStore, DroverError } from '@drover/spec';
import type { Context, Hono } from 'hono';
import { EventFeed } from '../streams/event-feed.ts';
import { type Piece, pullStream } from '../streams/pull-stream.ts';
import { Access } from './access.ts';
import type { ApiDeps, ApiRole } from './api-deps.ts';
import { isFault } from './problem-response.ts';
import { apiDefaults, type ApiOptions } from './api-options.ts';

/** Set per request by the app; absent when a test calls `fetch` without a server. */
export interface ApiEnv {
  readonly Bindings: Partial<HttpBindings>;
}

export type ApiApp = Hono<ApiEnv>;
export type ApiRequest = Context<ApiEnv>;

/** What makes the pieces of a streamed response. */
export interface StreamSource {
  next(gone: AbortSignal): Promise<Piece>;
  readonly farewell?: () => Uint8Array;
}

/** What the routes share: what they were given, limits, and the open streams. */
export class ApiContext {
  readonly deps: ApiDeps;
  readonly options: ApiOptions;
  readonly access: Access;
  readonly startedAtMs: number;
  readonly #closing = new AbortController();
  readonly #feed: EventFeed | undefined;
  #streams = 0;

  constructor(deps: ApiDeps) {
    this.deps = deps;
    this.options = { ...apiDefaults, ...deps.options };
    this.access = new Access(deps.tokens);
    this.startedAtMs = deps.clock.wallMs();
    const { store, clock, onStoreChange } = deps;
    this.#feed = store === undefined ? undefined : new EventFeed({ ...this.options, store, clock, onStoreChange });
  }

  /** Aborted when the API closes. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** @throws DroverError API_NOT_SUPPORTED where the queue is not drover's own. */
  get store(): ContainerStore {
    return this.deps.store ?? noStore();
  }

  /** @throws DroverError API_NOT_SUPPORTED where the queue is not drover's own. */
  get feed(): EventFeed {
    return this.#feed ?? noStore();
  }

  /** @throws DroverError API_UNAUTHENTICATED, API_FORBIDDEN */
  allow(request: ApiRequest, role: ApiRole): void {
    this.access.check({ header: (name) => request.req.header(name) }, role);
  }

  /** The deadline of a call to the queue. A client that goes away does not take back what it asked for. */
  call(): CallOptions {
    return { signal: AbortSignal.timeout(this.options.storeTimeoutMs) };
  }

  /** @throws DroverError API_OVERLOADED when as many streams as allowed are open. */
  stream(request: ApiRequest, source: StreamSource, headers: Readonly<Record<string, string>>): Response {
    const { maxStreams, stallMs } = this.options;
    if (this.#streams >= maxStreams) {
      throw new DroverError('API_OVERLOADED', `${maxStreams} streams are open already`, {
        retryable: true,
        fix: 'close some, or come back later',
      });
    }
    this.#streams += 1;
    const outgoing = request.env?.outgoing;
    const body = pullStream({
      clock: this.deps.clock,
      next: (gone) => source.next(gone),
      stallMs,
      farewell: source.farewell,
      cut:
        outgoing === undefined
          ? undefined
          : () => {
              if (!outgoing.writableFinished) outgoing.destroy();
            },
      onBreak: (error) => {
        if (isFault(error)) this.deps.onFault?.(error, { method: request.req.method, path: request.req.path });
      },
      onEnd: () => {
        this.#streams -= 1;
      },
    });
    return new Response(body, { headers: { 'cache-control': 'no-store', connection: 'close', ...headers } });
  }

  /** Ends all streams. */
  close(): void {
    this.#closing.abort();
    this.#feed?.close();
  }
}

function noStore(): never {
  throw new DroverError('API_NOT_SUPPORTED', 'the queue of this dispatcher is not drover’s own', {
    fix: 'submit and read containers through the Arvados API',
  });
}
