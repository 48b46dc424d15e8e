import { DroverError, type InstanceId } from '@drover/spec';
import type { ApiContext, ApiRequest } from '../api/api-context.ts';
import { jsonBody, submittedContainers, validate } from '../api/request-input.ts';
import type { Route } from '../api/route.ts';
import { reasonSchema } from '../schemas/request-schemas.ts';

/** Instances with their operations, and instance types. */
export function fleetRoutes(api: ApiContext): readonly Route[] {
  const { deps } = api;
  const { operations } = deps;
  const path = '/v1/instances';
  return [
    { method: 'GET', path, role: 'viewer', handle: (request) => request.json({ items: deps.instances() }) },
    { method: 'GET', path: `${path}/:id`, role: 'viewer', handle: (request) => show(api, request) },
    ...(['hold', 'drain', 'run'] as const).map((behavior): Route => ({
      method: 'POST',
      path: `${path}/:id/${behavior}`,
      role: 'operator',
      handle: async (request) =>
        act(api, request, behavior, (id, why) => operations.setIdleBehavior(id, behavior, why)),
    })),
    {
      method: 'POST',
      path: `${path}/:id/kill`,
      role: 'operator',
      handle: async (request) => act(api, request, 'kill', operations.killInstance),
    },
    {
      method: 'GET',
      path: '/v1/types',
      role: 'viewer',
      handle: (request) => request.json({ items: deps.instanceTypes }),
    },
    { method: 'POST', path: '/v1/types/explain', role: 'viewer', handle: async (request) => explain(api, request) },
  ];
}

function show(api: ApiContext, request: ApiRequest): Response {
  const id = idOf(request);
  const view = api.deps.instances().find((instance) => instance.instanceId === id);
  if (view === undefined) throw unknownInstance(id);
  return request.json(view);
}

async function act(
  api: ApiContext,
  request: ApiRequest,
  verb: string,
  operation: (id: InstanceId, reason: string) => boolean | Promise<boolean>,
): Promise<Response> {
  const id = idOf(request);
  const { reason } = validate(reasonSchema, await jsonBody(request, api.options.maxBodyBytes));
  if (!(await operation(id, reason ?? `${verb} asked for by an operator`))) throw unknownInstance(id);
  return request.body(null, 204);
}

async function explain(api: ApiContext, request: ApiRequest): Promise<Response> {
  const [spec, second] = await submittedContainers(request, api.options.maxBodyBytes);
  if (spec === undefined || second !== undefined) {
    throw new DroverError('API_BAD_REQUEST', 'the body must hold exactly one container');
  }
  return request.json(api.deps.explainTypes(spec));
}

function idOf(request: ApiRequest): InstanceId {
  const id = request.req.param('id');
  if (id === undefined || id === '') throw new DroverError('API_BAD_REQUEST', 'the path names no instance');
  return id;
}

function unknownInstance(id: InstanceId): DroverError {
  return new DroverError('INSTANCE_NOT_FOUND', `there is no instance ${id}`, {
    fix: 'see which there are with: drover instances list',
  });
}
