import { type AccessRequest, bearerToken } from '../api/access.ts';
import type { ApiContext, ApiRequest } from '../api/api-context.ts';
import { bodyText } from '../api/request-input.ts';
import type { Route } from '../api/route.ts';
import { referenceContainer, referenceInstance } from './reference-forms.ts';

type Answer = (parameters: URLSearchParams) => Response | Promise<Response>;

/** What the reference system serves, under its paths, with its field names and status codes. */
export function referenceRoutes(api: ApiContext): readonly Route[] {
  const { deps } = api;
  const { operations } = deps;
  const base = '/arvados/v1/dispatch';
  // These paths have their own rules of access and form of errors, so the table lets everybody in.
  const route = (method: Route['method'], path: string, answer: Answer): Route => ({
    method,
    path,
    role: 'anyone',
    handle: async (request) => {
      const refusal = refusedAccess(api, { header: (name) => request.req.header(name) });
      return refusal ?? answer(await parametersOf(request, api.options.maxBodyBytes));
    },
  });
  return [
    route('GET', `${base}/containers`, () => Response.json({ items: deps.queueView().map(referenceContainer) })),
    route('GET', `${base}/container`, (parameters) => oneContainer(api, parameters)),
    route('POST', `${base}/containers/kill`, async (parameters) => killContainer(api, parameters)),
    route('GET', `${base}/instances`, () => Response.json({ items: deps.instances().map(referenceInstance) })),
    ...(['hold', 'drain', 'run'] as const).map((behavior) =>
      route('POST', `${base}/instances/${behavior}`, async (parameters) =>
        instanceAction(parameters, (id, reason) => operations.setIdleBehavior(id, behavior, reason)),
      ),
    ),
    route('POST', `${base}/instances/kill`, async (parameters) => instanceAction(parameters, operations.killInstance)),
    route('GET', '/metrics', async () => {
      const { contentType, text } = await deps.metrics.text();
      return new Response(text, { headers: { 'content-type': contentType } });
    }),
    route('GET', '/metrics.json', async () => Response.json(await deps.metrics.json())),
    route('GET', '/_health/ping', () => Response.json(ping(api))),
  ];
}

function oneContainer({ deps }: ApiContext, parameters: URLSearchParams): Response {
  const uuid = parameters.get('container_uuid') ?? '';
  const entry = deps.queueView().find((known) => known.uuid === uuid);
  return entry === undefined ? failure(404, 'container not found') : Response.json(referenceContainer(entry));
}

async function killContainer({ deps }: ApiContext, parameters: URLSearchParams): Promise<Response> {
  const uuid = parameters.get('container_uuid') ?? '';
  if (uuid === '') return failure(400, 'container_uuid parameter is missing');
  const done = await deps.operations.killContainer(uuid, reasonOf(parameters));
  return done ? empty() : failure(404, 'container is not running');
}

function ping({ deps }: ApiContext): { readonly health: 'OK' | 'ERROR'; readonly error?: string } {
  const { healthy, messages } = deps.health();
  return healthy ? { health: 'OK' } : { health: 'ERROR', error: messages.join('; ') };
}

async function instanceAction(
  parameters: URLSearchParams,
  act: (id: string, reason: string) => boolean | Promise<boolean>,
): Promise<Response> {
  const id = parameters.get('instance_id') ?? '';
  if (id === '') return failure(400, 'instance_id parameter is missing');
  return (await act(id, reasonOf(parameters))) ? empty() : failure(404, 'instance not found');
}

function reasonOf(parameters: URLSearchParams): string {
  const reason = parameters.get('reason') ?? '';
  return reason === '' ? 'asked for through the management API' : reason;
}

/** 403 for everybody when no token is configured: these paths have no other protection. */
function refusedAccess({ access }: ApiContext, request: AccessRequest): Response | undefined {
  if (!access.hasTokens) return failure(403, 'no management token is configured');
  const token = bearerToken(request);
  if (token === undefined) return failure(401, 'a bearer token is needed');
  return access.roleOf(token) === 'operator' ? undefined : failure(403, 'the token does not permit this');
}

async function parametersOf(request: ApiRequest, maxBytes: number): Promise<URLSearchParams> {
  const parameters = new URL(request.req.url).searchParams;
  const isForm = request.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  if (request.req.method !== 'POST' || !isForm) return parameters;
  // Like the reference's form parsing: the body counts before the query.
  const form = new URLSearchParams(await bodyText(request, maxBytes));
  for (const [name, value] of parameters) form.append(name, value);
  return form;
}

/** An error in the reference's form. */
export function failure(status: number, message: string): Response {
  return Response.json({ errors: [message] }, { status });
}

function empty(): Response {
  return new Response(null, { status: 200 });
}
