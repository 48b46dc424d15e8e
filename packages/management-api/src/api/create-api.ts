import { DroverError } from '@drover/spec';
import { Hono } from 'hono';
import { containerRoutes } from '../routes/container-routes.ts';
import { fleetRoutes } from '../routes/fleet-routes.ts';
import { referenceRoutes, failure } from '../routes/reference-routes.ts';
import { statusRoutes } from '../routes/status-routes.ts';
import { streamRoutes } from '../routes/stream-routes.ts';
import { type ApiApp, ApiContext, type ApiEnv } from './api-context.ts';
import type { ApiDeps } from './api-deps.ts';
import { type ListenAddress, listenOn, type RunningApi } from './listen.ts';
import { isFault, problemResponse, toProblem } from './problem-response.ts';

/** The HTTP API, not yet listening. */
export interface Api {
  /** Answers one request, as the server would. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * @throws DroverError API_PORT_IN_USE, API_TOKEN_REQUIRED (an address that others reach needs a token), CONFIG_INVALID
   */
  readonly listen: (address: ListenAddress) => Promise<RunningApi>;
  /** Method and path of every route, to compare with the documentation. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
}

/** Puts the API together over the parts of a dispatcher. */
export function createApi(deps: ApiDeps): Api {
  const api = new ApiContext(deps);
  const app: ApiApp = new Hono<ApiEnv>();
  app.onError((error, request) => {
    const { method, path } = request.req;
    if (isFault(error)) deps.onFault?.(error, { method, path });
    if (!isReferencePath(path)) return problemResponse(error);
    const { status, detail } = toProblem(error);
    return failure(status, detail);
  });
  app.notFound(async (request) => {
    const { method, path } = request.req;
    const page = path.startsWith('/v1/') || isReferencePath(path) ? undefined : await deps.fallback?.(request.req.raw);
    if (page !== undefined) return page;
    if (isReferencePath(path)) return failure(404, 'path not found');
    return problemResponse(
      new DroverError('API_NOT_FOUND', `there is nothing under ${method} ${path}`, { fix: 'see /v1/openapi.json' }),
    );
  });
  const routes = [
    ...containerRoutes(api),
    ...streamRoutes(api),
    ...fleetRoutes(api),
    ...statusRoutes(api),
    ...referenceRoutes(api),
  ];
  for (const { method, path, role, handle } of routes) {
    app.on(method, path, async (request) => {
      if (role !== 'anyone') api.allow(request, role);
      return handle(request);
    });
  }
  return {
    fetch: async (request) => app.fetch(request),
    listen: async (address) => listenOn(app, api, address),
    routes: routes.map(({ method, path }) => ({ method, path })),
  };
}

function isReferencePath(path: string): boolean {
  return path.startsWith('/arvados/') || path.startsWith('/_health/') || path.startsWith('/metrics');
}
