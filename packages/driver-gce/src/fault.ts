import * as z from 'zod';
import { HttpFailure } from './http-failure.ts';

/** What an error of the SDK says, in whatever form it came. */
export interface Fault {
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** Google's names for what is wrong: `quotaExceeded`, `ZONE_RESOURCE_POOL_EXHAUSTED`, `PERMISSION_DENIED`. */
  readonly reasons: readonly string[];
  readonly message: string;
  /** The Retry-After header, as it stood there. */
  readonly retryAfter?: string | undefined;
  /** The quota that is used up, where Google names it. */
  readonly quotaMetric?: string | undefined;
  /** A code of the system or the credentials library: `ECONNRESET`, `invalid_grant`. */
  readonly systemCode?: string | undefined;
}

const bodySchema = z.object({
  error: z.object({
    code: z.number().optional(),
    message: z.string().optional(),
    status: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
    details: z
      .array(z.object({ reason: z.string().optional(), metadata: z.record(z.string(), z.string()).optional() }))
      .optional(),
  }),
});

/** What the token service answers. */
const tokenErrorSchema = z.object({ error: z.string(), error_description: z.string().optional() });

const operationErrorSchema = z.object({
  errors: z.array(
    z.object({
      code: z.string().nullish(),
      message: z.string().nullish(),
      errorDetails: z
        .array(
          z.object({
            quotaInfo: z.object({ metricName: z.string().nullish() }).nullish(),
            errorInfo: z.object({ reason: z.string().nullish() }).nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

/** An operation that the cloud accepted and that failed. */
export class OperationFailure extends Error {
  readonly status: number | undefined;
  /** The operation's `error` as it came. */
  readonly detail: unknown;

  constructor(detail: unknown, status: number | undefined, message: string) {
    super(message);
    this.name = 'OperationFailure';
    this.detail = detail;
    this.status = status;
  }
}

/** Reads any error: an answer of the API, a failed operation, a token that was refused, a connection that broke. */
export function readFault(error: unknown): Fault {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof OperationFailure) return operationFault(at);
    const answer = answerOf(at);
    if (answer !== undefined) return bodyFault(answer);
  }
  const innermost = innermostError(error);
  return {
    status: undefined,
    reasons: [],
    message: innermost instanceof Error ? innermost.message : String(innermost),
    systemCode: systemCode(innermost) ?? systemCode(error),
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** Ours, or a GaxiosError: its `status` is the HTTP number, its message the body. */
function answerOf(error: Error): Answer | undefined {
  if (error instanceof HttpFailure) return error;
  if (!('status' in error) || typeof error.status !== 'number') return undefined;
  const data = 'response' in error && isRecord(error.response) ? error.response['data'] : undefined;
  const body = isRecord(data) ? JSON.stringify(data) : error.message;
  return { status: error.status, body, retryAfter: retryAfterOf(error) };
}

function retryAfterOf(error: Error): string | undefined {
  const response = 'response' in error ? error.response : undefined;
  const headers = isRecord(response) ? response['headers'] : undefined;
  return headers instanceof Headers ? (headers.get('retry-after') ?? undefined) : undefined;
}

function bodyFault({ status, body, retryAfter }: Answer): Fault {
  const json = parseJson(body);
  const parsed = bodySchema.safeParse(json);
  if (parsed.success) {
    const { error } = parsed.data;
    const details = error.details ?? [];
    const reasons = [...(error.errors ?? []), ...details].flatMap(({ reason }) =>
      reason === undefined ? [] : [reason],
    );
    return {
      status,
      reasons: error.status === undefined ? reasons : [...reasons, error.status],
      message: error.message ?? `HTTP ${status}`,
      retryAfter,
      quotaMetric: details.find((detail) => detail.metadata?.['quota_metric'])?.metadata?.['quota_metric'],
    };
  }
  const token = tokenErrorSchema.safeParse(json);
  if (token.success) {
    const { error, error_description: description } = token.data;
    return { status, reasons: [error], message: description ?? error, retryAfter, systemCode: error };
  }
  return { status, reasons: [], message: `HTTP ${status}: ${body.slice(0, 200)}`, retryAfter };
}

function operationFault({ detail, status, message }: OperationFailure): Fault {
  const parsed = operationErrorSchema.safeParse(detail);
  const errors = parsed.success ? parsed.data.errors : [];
  const details = errors.flatMap((each) => each.errorDetails ?? []);
  return {
    status,
    reasons: [...errors.map(({ code }) => code), ...details.map((each) => each.errorInfo?.reason)].flatMap((code) =>
      typeof code === 'string' && code !== '' ? [code] : [],
    ),
    message: errors.map((each) => each.message ?? '').find((text) => text !== '') ?? message,
    quotaMetric: details.find((each) => each.quotaInfo?.metricName)?.quotaInfo?.metricName ?? undefined,
  };
}

function innermostError(error: unknown): unknown {
  let at = error;
  for (let depth = 0; at instanceof Error && at.cause instanceof Error && depth < 5; depth += 1) at = at.cause;
  return at;
}

function systemCode(error: unknown): string | undefined {
  return isRecord(error) && typeof error['code'] === 'string' ? error['code'] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
