import { type ContainerRecord, type ContainerUuid, DroverError, type WhyAnswer } from '@drover/spec';
import type { ApiContext, ApiRequest } from '../api/api-context.ts';
import { idempotencyKey, jsonBody, query, submittedContainers, validate } from '../api/request-input.ts';
import type { Route } from '../api/route.ts';
import { isFinal } from '../schemas/container-schemas.ts';
import { containerQuerySchema, prioritySchema, reasonSchema } from '../schemas/request-schemas.ts';

/** Rows of a page whose query names no limit. */
const defaultPageRows = 100;

/** Submit, list, show, why, cancel, priority. */
export function containerRoutes(api: ApiContext): readonly Route[] {
  const path = '/v1/containers';
  return [
    { method: 'POST', path, role: 'submitter', handle: async (request) => submit(api, request) },
    { method: 'GET', path, role: 'viewer', handle: async (request) => list(api, request) },
    {
      method: 'GET',
      path: `${path}/:uuid`,
      role: 'viewer',
      handle: async (request) => request.json(await api.store.get(uuidOf(request), api.call())),
    },
    {
      method: 'GET',
      path: `${path}/:uuid/why`,
      role: 'viewer',
      handle: async (request) => request.json(await why(api, uuidOf(request))),
    },
    {
      method: 'POST',
      path: `${path}/:uuid/cancel`,
      role: 'submitter',
      handle: async (request) => cancel(api, request),
    },
    {
      method: 'POST',
      path: `${path}/:uuid/priority`,
      role: 'submitter',
      handle: async (request) => changePriority(api, request),
    },
  ];
}

/** The UUID of the path. */
export function uuidOf(request: ApiRequest): ContainerUuid {
  const uuid = request.req.param('uuid');
  if (uuid === undefined || uuid === '') throw new DroverError('API_BAD_REQUEST', 'the path names no container');
  return uuid;
}

async function submit(api: ApiContext, request: ApiRequest): Promise<Response> {
  const { store } = api;
  const key = idempotencyKey(request);
  const specs = await submittedContainers(request, api.options.maxBodyBytes);
  const uuids = await store.submit(specs, { ...api.call(), ...(key === undefined ? {} : { idempotencyKey: key }) });
  // The scheduler first: what could start at once would wait for this answer to be written.
  await new Promise((resolve) => setImmediate(resolve));
  return request.json({ uuids }, 201, uuids.length === 1 ? { location: `/v1/containers/${uuids[0]}` } : {});
}

async function list(api: ApiContext, request: ApiRequest): Promise<Response> {
  const { state, limit = defaultPageRows, after } = validate(containerQuerySchema, query(request, ['state']));
  const states = state === undefined ? {} : { states: state };
  const items = await api.store.list({ limit, ...states, ...(after === undefined ? {} : { after }) }, api.call());
  return request.json({ items, next: items.length === limit ? items.at(-1)?.uuid : undefined });
}

async function cancel(api: ApiContext, request: ApiRequest): Promise<Response> {
  const { reason } = validate(reasonSchema, await jsonBody(request, api.options.maxBodyBytes));
  await api.store.setPriority(uuidOf(request), 0, reason ?? 'cancelled by its user', api.call());
  return request.body(null, 204);
}

async function changePriority(api: ApiContext, request: ApiRequest): Promise<Response> {
  const { priority, reason } = validate(prioritySchema, await jsonBody(request, api.options.maxBodyBytes));
  await api.store.setPriority(uuidOf(request), priority, reason ?? 'changed by its user', api.call());
  return request.body(null, 204);
}

/** The scheduler's answer, or for a container that it does not know what its record says. */
async function why(api: ApiContext, uuid: ContainerUuid): Promise<WhyAnswer> {
  const answer = api.deps.why(uuid);
  if (answer !== undefined && answer.code !== 'finished') return answer;
  const record = await api.store.get(uuid, api.call());
  const known = { uuid, eligibleTypes: [], rejections: [] };
  if (isFinal(record.state)) {
    return {
      ...known,
      code: 'finished',
      sentence: ending(record),
      sinceMs: record.finishedAtMs ?? record.submittedAtMs,
    };
  }
  const sentence = `it is ${record.state}; the scheduler has not considered it yet`;
  return answer ?? { ...known, code: 'waiting-for-lock', sentence, sinceMs: record.submittedAtMs };
}

function ending({ state, cancelReason, result }: ContainerRecord): string {
  if (state === 'Cancelled') return `it was cancelled: ${cancelReason ?? 'no reason was recorded'}`;
  if (result?.startError !== undefined) return `it could not be started: ${result.startError}`;
  if (result?.timedOut === true) return 'it ended because it ran longer than its maxRunTime';
  if (result?.oom === true) return 'it ended because it used more memory than it may';
  if (result?.signal !== undefined) return `it was ended by ${result.signal}`;
  return `it ended with exit code ${result?.exitCode ?? 'unknown'}`;
}
