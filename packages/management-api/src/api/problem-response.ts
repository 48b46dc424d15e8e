import { ConfigError, DroverError, type ErrorCode, errorCodes, QueueUnavailableError } from '@drover/spec';
import { problemMediaType, type ProblemDocument } from '../schemas/problem-schema.ts';

/** Codes that are not the caller's fault or have a status of their own; everything else of drover's is 500. */
const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  API_BAD_REQUEST: 400,
  CONFIG_INVALID: 400,
  CONFIG_SYNTAX: 400,
  CONFIG_UNKNOWN_KEY: 400,
  CONFIG_WRONG_TYPE: 400,
  CONFIG_UNIT_MISSING: 400,
  CONTAINER_INVALID: 400,
  CONTAINER_TOO_LARGE: 400,
  API_UNAUTHENTICATED: 401,
  API_FORBIDDEN: 403,
  API_NOT_FOUND: 404,
  QUEUE_CONTAINER_NOT_FOUND: 404,
  INSTANCE_NOT_FOUND: 404,
  API_CONFLICT: 409,
  QUEUE_LOCK_CONFLICT: 409,
  API_TOO_LARGE: 413,
  CONTAINER_UNSATISFIABLE: 422,
  API_NOT_SUPPORTED: 501,
  API_OVERLOADED: 503,
  QUEUE_UNAVAILABLE: 503,
  QUEUE_IN_USE: 503,
  QUEUE_DISK_FULL: 507,
};

/** What a client is told when drover itself is at fault. */
const internalDetail = 'drover could not answer; its log says why';

/** True when the error is a fault of drover itself and belongs into its log. */
export function isFault(error: unknown): boolean {
  return !DroverError.is(error) || statuses[error.code] === undefined;
}

/** Any error as a problem document. */
export function toProblem(error: unknown): ProblemDocument {
  if (!DroverError.is(error) || statuses[error.code] === undefined) return document('INTERNAL', 500, internalDetail);
  return {
    ...document(error.code, statuses[error.code] ?? 500, error.message),
    retryable: error.retryable,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    ...(error instanceof ConfigError ? { problems: [...error.problems] } : {}),
  };
}

/** Any error as a response. */
export function problemResponse(error: unknown): Response {
  const problem = toProblem(error);
  const headers = new Headers({ 'content-type': problemMediaType });
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer realm="drover"');
  if (problem.status === 503) headers.set('retry-after', String(retryAfterSeconds(error)));
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function document(code: ErrorCode, status: number, detail: string): ProblemDocument {
  return { type: `/v1/errors/${code}`, title: errorCodes[code], status, detail, code, retryable: false };
}

function retryAfterSeconds(error: unknown): number {
  const ms = error instanceof QueueUnavailableError ? error.retryAfterMs : undefined;
  return Math.max(1, Math.ceil((ms ?? 1_000) / 1_000));
}
