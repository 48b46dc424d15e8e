import { DroverError, errorCodes, type InstanceView } from '@drover/spec';
import type { ApiContext, ApiRequest } from '../api/api-context.ts';
import type { Route } from '../api/route.ts';
import { openApiDocument } from '../openapi/openapi-document.ts';
import { containerJsonSchema } from '../container-file/container-json-schema.ts';
import type { DispatcherStatus } from '../schemas/fleet-schemas.ts';

/** Status, probes for load balancers, and what describes the API itself. */
export function statusRoutes(api: ApiContext): readonly Route[] {
  const { deps } = api;
  const role = 'anyone';
  return [
    { method: 'GET', path: '/livez', role, handle: (request) => request.text('ok\n') },
    {
      method: 'GET',
      path: '/readyz',
      role,
      handle: (request) => (deps.health().ready ? request.text('ok\n') : request.text('not ready\n', 503)),
    },
    { method: 'GET', path: '/v1/status', role: 'viewer', handle: async (request) => request.json(await status(api)) },
    { method: 'GET', path: '/v1/errors/:code', role, handle: (request) => request.json(explain(request)) },
    { method: 'GET', path: '/v1/openapi.json', role, handle: (request) => request.json(openApiDocument()) },
    {
      method: 'GET',
      path: '/v1/container.schema.json',
      role,
      handle: (request) => request.json(containerJsonSchema()),
    },
  ];
}

function explain(request: ApiRequest): { readonly code: string; readonly meaning: string } {
  const code = request.req.param('code') ?? '';
  const meaning = Object.entries(errorCodes).find(([known]) => known === code)?.[1];
  if (meaning === undefined) throw new DroverError('API_NOT_FOUND', `there is no error code ${code}`);
  return { code, meaning };
}

async function status(api: ApiContext): Promise<DispatcherStatus> {
  const { deps, startedAtMs } = api;
  const { healthy, ready, messages } = deps.health();
  const counts = await deps.store?.counts(api.call());
  return {
    version: deps.version,
    startedAtMs,
    healthy,
    ready,
    messages: [...messages],
    ...(counts === undefined ? {} : { containers: { ...counts } }),
    instances: fleet(deps.instances()),
  };
}

function fleet(instances: readonly InstanceView[]): DispatcherStatus['instances'] {
  const byState: Record<string, number> = {};
  let pricePerHour = 0;
  for (const { state, pricePerHour: price } of instances) {
    byState[state] = (byState[state] ?? 0) + 1;
    pricePerHour += price;
  }
  return { total: instances.length, byState, pricePerHour };
}
