import type {
  ContainerEvent,
  ContainerRecord,
  ContainerState,
  ContainerSummary,
  ContainerUuid,
  IdleBehavior,
  InstanceId,
  InstanceType,
  InstanceView,
  LogStream,
  WhyAnswer,
} from '@drover/spec';
import type { ContainerFile } from '../container-file/container-file-schema.ts';
import {
  containerEventListSchema,
  containerListSchema,
  containerRecordSchema,
  submittedSchema,
} from '../schemas/container-schemas.ts';
import {
  type DispatcherStatus,
  instanceListSchema,
  instanceTypeListSchema,
  instanceViewSchema,
  statusSchema,
  type TypeExplanation,
  typeExplanationSchema,
  whyAnswerSchema,
} from '../schemas/fleet-schemas.ts';
import { followEvents, followLog, type FollowOptions } from './follow.ts';
import { type Endpoint, queryOf, send, sendForJson } from './http.ts';
import { retrying } from './retrying.ts';

/** Every call may be given up by a signal. */
export interface ClientCall {
  readonly signal?: AbortSignal;
}

/** The text of a container file. */
export interface ContainerText {
  readonly text: string;
  readonly format: 'yaml' | 'ndjson';
}

/** A page of containers; `next` is the `after` of the following page, absent on the last. */
export interface ContainerPage {
  readonly items: readonly ContainerSummary[];
  readonly next?: string;
}

/**
 * The API in types. Everything rejects with DroverError: the API's own code, or API_UNREACHABLE; or with the signal's reason.
 */
export interface DroverClient {
  readonly url: string;
  /**
   * All or none; returns UUIDs in order. With a key, which makes repeating harmless, passing troubles are retried for some seconds.
   */
  submit(
    containers: readonly ContainerFile[],
    call?: ClientCall & { readonly idempotencyKey?: string },
  ): Promise<readonly ContainerUuid[]>;
  /** The same with the text of a container file, in YAML or JSON lines. */
  submitText(
    source: ContainerText,
    call?: ClientCall & { readonly idempotencyKey?: string },
  ): Promise<readonly ContainerUuid[]>;
  list(
    filter?: { readonly states?: readonly ContainerState[]; readonly limit?: number; readonly after?: string },
    call?: ClientCall,
  ): Promise<ContainerPage>;
  get(uuid: ContainerUuid, call?: ClientCall): Promise<ContainerRecord>;
  why(uuid: ContainerUuid, call?: ClientCall): Promise<WhyAnswer>;
  /** Priority 0: it ends as Cancelled, at once or when its workload is gone. */
  cancel(uuid: ContainerUuid, reason: string | undefined, call?: ClientCall): Promise<void>;
  setPriority(uuid: ContainerUuid, priority: number, reason: string | undefined, call?: ClientCall): Promise<void>;
  /** A page of history; `last` is the highest sequence so far. */
  events(
    query: { readonly uuid?: ContainerUuid; readonly after?: number; readonly limit?: number },
    call?: ClientCall,
  ): Promise<{ readonly items: readonly ContainerEvent[]; readonly next: number; readonly last: number }>;
  /**
   * History as it happens, after a sequence; without one: the whole history of one container, of all what is yet to come. Comes back
   * by itself when the connection is lost. Ends only by the signal.
   */
  followEvents(
    query: { readonly uuid?: ContainerUuid; readonly after?: number },
    options?: FollowOptions,
  ): AsyncGenerator<ContainerEvent>;
  /** The bytes of a log; with `follow` also those to come, until the attempt has ended. */
  log(
    uuid: ContainerUuid,
    query: {
      readonly stream: LogStream;
      readonly offset?: number;
      readonly generation?: number;
      readonly follow?: boolean;
    },
    options?: FollowOptions,
  ): AsyncGenerator<Uint8Array>;
  /** At most `maxBytes` from the start of a log. */
  logHead(
    uuid: ContainerUuid,
    query: { readonly stream: LogStream; readonly maxBytes: number; readonly generation?: number },
    call?: ClientCall,
  ): Promise<Uint8Array>;
  instances(call?: ClientCall): Promise<readonly InstanceView[]>;
  instance(id: InstanceId, call?: ClientCall): Promise<InstanceView>;
  /** An idle behaviour, or `kill`. */
  act(id: InstanceId, action: IdleBehavior | 'kill', reason: string | undefined, call?: ClientCall): Promise<void>;
  types(call?: ClientCall): Promise<readonly InstanceType[]>;
  explainTypes(container: ContainerFile, call?: ClientCall): Promise<TypeExplanation>;
  /** The same with the text of a container file that holds one container. */
  explainTypesText(source: ContainerText, call?: ClientCall): Promise<TypeExplanation>;
  status(call?: ClientCall): Promise<DispatcherStatus>;
}

const mediaTypes = { yaml: 'application/yaml', ndjson: 'application/x-ndjson' } as const;

/** A client of one dispatcher. Makes no connection before the first call. */
export function createClient(endpoint: Endpoint): DroverClient {
  const post = async (path: string, body: unknown, call?: ClientCall): Promise<void> => {
    const response = await send(endpoint, { method: 'POST', path, body, signal: call?.signal });
    await response.body?.cancel();
  };
  const submit = async (
    body: unknown,
    type: string,
    call: (ClientCall & { readonly idempotencyKey?: string }) | undefined,
  ): Promise<readonly ContainerUuid[]> => {
    const key = call?.idempotencyKey;
    const headers = { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) };
    const request = { method: 'POST', path: '/v1/containers', body, headers, signal: call?.signal } as const;
    const once = async (): Promise<readonly ContainerUuid[]> =>
      (await sendForJson(endpoint, submittedSchema, request)).uuids;
    return key === undefined ? once() : retrying(once, call?.signal);
  };
  const container = (uuid: ContainerUuid): string => `/v1/containers/${encodeURIComponent(uuid)}`;
  const instance = (id: InstanceId): string => `/v1/instances/${encodeURIComponent(id)}`;
  return {
    url: endpoint.url,
    submit: async (containers, call) => submit(containers, 'application/json', call),
    submitText: async ({ text, format }, call) => submit(text, mediaTypes[format], call),
    list: async (filter = {}, call) => {
      const query = queryOf({ state: filter.states, limit: filter.limit, after: filter.after });
      return sendForJson(endpoint, containerListSchema, { path: `/v1/containers${query}`, ...call });
    },
    get: async (uuid, call) => sendForJson(endpoint, containerRecordSchema, { path: container(uuid), ...call }),
    why: async (uuid, call) => sendForJson(endpoint, whyAnswerSchema, { path: `${container(uuid)}/why`, ...call }),
    cancel: async (uuid, reason, call) => post(`${container(uuid)}/cancel`, { reason }, call),
    setPriority: async (uuid, priority, reason, call) =>
      post(`${container(uuid)}/priority`, { priority, reason }, call),
    events: async ({ uuid, after, limit }, call) => {
      const path = `${uuid === undefined ? '/v1' : container(uuid)}/events${queryOf({ after, limit })}`;
      return sendForJson(endpoint, containerEventListSchema, { path, ...call });
    },
    async *followEvents({ uuid, after }, options = {}) {
      const path = `${uuid === undefined ? '/v1' : container(uuid)}/events`;
      // Of all containers only what is yet to come; from a certain place, so that nothing is missed when the connection is lost.
      const newest = async (): Promise<number> => {
        const call = { path: `${path}${queryOf({ limit: 1 })}`, signal: options.signal };
        return (await sendForJson(endpoint, containerEventListSchema, call)).last;
      };
      yield* followEvents(endpoint, { path, after: after ?? (uuid === undefined ? await newest() : 0) }, options);
    },
    log: (uuid, query, options = {}) => followLog(endpoint, `${container(uuid)}/logs`, query, options),
    async logHead(uuid, query, call) {
      const response = await send(endpoint, { path: `${container(uuid)}/logs${queryOf({ ...query })}`, ...call });
      return new Uint8Array(await response.arrayBuffer());
    },
    instances: async (call) =>
      (await sendForJson(endpoint, instanceListSchema, { path: '/v1/instances', ...call })).items,
    instance: async (id, call) => sendForJson(endpoint, instanceViewSchema, { path: instance(id), ...call }),
    act: async (id, action, reason, call) => post(`${instance(id)}/${action}`, { reason }, call),
    types: async (call) => (await sendForJson(endpoint, instanceTypeListSchema, { path: '/v1/types', ...call })).items,
    explainTypes: async (body, call) =>
      sendForJson(endpoint, typeExplanationSchema, { method: 'POST', path: '/v1/types/explain', body, ...call }),
    explainTypesText: async ({ text, format }, call) => {
      const headers = { 'content-type': mediaTypes[format] };
      const request = { method: 'POST', path: '/v1/types/explain', body: text, headers, ...call } as const;
      return sendForJson(endpoint, typeExplanationSchema, request);
    },
    status: async (call) => sendForJson(endpoint, statusSchema, { path: '/v1/status', ...call }),
  };
}
