import * as z from 'zod';
import { containerFileSchema } from '../container-file/container-file-schema.ts';
import {
  containerEventListSchema,
  containerListSchema,
  containerRecordSchema,
  submittedSchema,
} from '../schemas/container-schemas.ts';
import {
  instanceListSchema,
  instanceTypeListSchema,
  instanceViewSchema,
  statusSchema,
  typeExplanationSchema,
  whyAnswerSchema,
} from '../schemas/fleet-schemas.ts';
import {
  containerQuerySchema,
  eventQuerySchema,
  logQuerySchema,
  prioritySchema,
  reasonSchema,
} from '../schemas/request-schemas.ts';

/** What the documentation says of one operation. */
export interface OperationDescription {
  readonly method: 'GET' | 'POST';
  /** As in the route table. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly isOpen?: boolean;
  readonly query?: z.ZodObject;
  /** Request headers with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  /** By media type. */
  readonly body?: Readonly<Record<string, z.ZodType>>;
  readonly success: { readonly status: number; readonly content?: Readonly<Record<string, z.ZodType>> };
}

const json = (schema: z.ZodType): { readonly 'application/json': z.ZodType } => ({ 'application/json': schema });
const bytes = z.string().describe('Bytes.');
const lastEventId = { 'Last-Event-ID': 'Goes on after this event.' };
const eventContent = { ...json(containerEventListSchema), 'text/event-stream': z.string() };
const oneOrMany = z.union([containerFileSchema, z.array(containerFileSchema)]);

const containers: readonly OperationDescription[] = [
  {
    method: 'POST',
    path: '/v1/containers',
    id: 'submitContainers',
    summary: 'Submits one or many containers, all or none.',
    headers: { 'Idempotency-Key': 'The same key again creates nothing and gives the same UUIDs.' },
    body: {
      ...json(oneOrMany),
      'application/x-ndjson': z.string().describe('One container per line.'),
      'application/yaml': z.string().describe('A container file.'),
    },
    success: { status: 201, content: json(submittedSchema) },
  },
  {
    method: 'GET',
    path: '/v1/containers',
    id: 'listContainers',
    summary: 'Lists containers, newest first.',
    query: containerQuerySchema,
    success: { status: 200, content: json(containerListSchema) },
  },
  {
    method: 'GET',
    path: '/v1/containers/:uuid',
    id: 'getContainer',
    summary: 'Shows everything recorded about one container.',
    success: { status: 200, content: json(containerRecordSchema) },
  },
  {
    method: 'GET',
    path: '/v1/containers/:uuid/why',
    id: 'explainContainer',
    summary: 'Says why a container waits, or how it ended.',
    success: { status: 200, content: json(whyAnswerSchema) },
  },
  {
    method: 'GET',
    path: '/v1/containers/:uuid/events',
    id: 'containerEvents',
    summary: 'History of one container, as a page or as server-sent events.',
    query: eventQuerySchema,
    headers: lastEventId,
    success: { status: 200, content: eventContent },
  },
  {
    method: 'GET',
    path: '/v1/containers/:uuid/logs',
    id: 'containerLogs',
    summary: 'Bytes of one stream of one attempt.',
    query: logQuerySchema,
    success: { status: 200, content: { 'application/octet-stream': bytes } },
  },
  {
    method: 'POST',
    path: '/v1/containers/:uuid/cancel',
    id: 'cancelContainer',
    summary: 'Cancels a container; one that runs ends when its workload is gone.',
    body: json(reasonSchema),
    success: { status: 204 },
  },
  {
    method: 'POST',
    path: '/v1/containers/:uuid/priority',
    id: 'setContainerPriority',
    summary: 'Changes the priority of a container.',
    body: json(prioritySchema),
    success: { status: 204 },
  },
];

const fleet: readonly OperationDescription[] = [
  {
    method: 'GET',
    path: '/v1/instances',
    id: 'listInstances',
    summary: 'Lists instances; creates in flight have no id yet.',
    success: { status: 200, content: json(instanceListSchema) },
  },
  {
    method: 'GET',
    path: '/v1/instances/:id',
    id: 'getInstance',
    summary: 'Shows one instance.',
    success: { status: 200, content: json(instanceViewSchema) },
  },
  ...(
    [
      ['hold', 'Keeps an instance as it is: no more work, no shutdown.'],
      ['drain', 'Gives an instance no more work and shuts it down when it is empty.'],
      ['run', 'Takes back hold or drain.'],
      ['kill', 'Shuts an instance down at once, whatever runs there.'],
    ] as const
  ).map(([verb, summary]): OperationDescription => ({
    method: 'POST',
    path: `/v1/instances/:id/${verb}`,
    id: `${verb}Instance`,
    summary,
    body: json(reasonSchema),
    success: { status: 204 },
  })),
  {
    method: 'GET',
    path: '/v1/types',
    id: 'listTypes',
    summary: 'Lists the configured instance types.',
    success: { status: 200, content: json(instanceTypeListSchema) },
  },
  {
    method: 'POST',
    path: '/v1/types/explain',
    id: 'explainTypes',
    summary: 'Says which types fit a container, and why the others do not.',
    body: { ...json(containerFileSchema), 'application/yaml': z.string(), 'application/x-ndjson': z.string() },
    success: { status: 200, content: json(typeExplanationSchema) },
  },
];

const rest: readonly OperationDescription[] = [
  {
    method: 'GET',
    path: '/v1/events',
    id: 'events',
    summary: 'History of all containers, as a page or as server-sent events.',
    query: eventQuerySchema,
    headers: lastEventId,
    success: { status: 200, content: eventContent },
  },
  {
    method: 'GET',
    path: '/v1/status',
    id: 'status',
    summary: 'The dispatcher at a glance.',
    success: { status: 200, content: json(statusSchema) },
  },
  {
    method: 'GET',
    path: '/v1/errors/:code',
    id: 'explainError',
    summary: 'What an error code means.',
    isOpen: true,
    success: { status: 200, content: json(z.object({ code: z.string(), meaning: z.string() })) },
  },
  {
    method: 'GET',
    path: '/v1/openapi.json',
    id: 'openApi',
    summary: 'This document.',
    isOpen: true,
    success: { status: 200, content: json(z.record(z.string(), z.unknown())) },
  },
  {
    method: 'GET',
    path: '/v1/container.schema.json',
    id: 'containerSchema',
    summary: 'JSON Schema of a container file, for editors.',
    isOpen: true,
    success: { status: 200, content: json(z.record(z.string(), z.unknown())) },
  },
];

/** Every operation under `/v1`. */
export const operations: readonly OperationDescription[] = [...containers, ...fleet, ...rest];
