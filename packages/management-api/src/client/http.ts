import type * as z from 'zod';
import { errorOf, notDrover, unreachable } from './api-error.ts';

/** Where the API is and who asks. */
export interface Endpoint {
  /** Base URL, e.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly token?: string;
  /** Deadline of a request that is no stream; default 30 s. */
  readonly timeoutMs?: number;
}

/** One request. */
export interface ApiCall {
  readonly method?: 'GET' | 'POST';
  /** Path with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is, with the content type from `headers`. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** No deadline: the answer goes on for as long as it likes. */
  readonly isStream?: boolean;
}

const defaultTimeoutMs = 30_000;

/**
 * Sends a request and returns a successful response.
 * @throws DroverError with the API's code, or API_UNREACHABLE; the signal's reason when it was aborted.
 */
export async function send(endpoint: Endpoint, call: ApiCall): Promise<Response> {
  const timeout = AbortSignal.timeout(endpoint.timeoutMs ?? defaultTimeoutMs);
  const signals = [call.signal, call.isStream === true ? undefined : timeout].filter((signal) => signal !== undefined);
  const body = typeof call.body === 'string' || call.body === undefined ? call.body : JSON.stringify(call.body);
  let response: Response;
  try {
    response = await fetch(new URL(call.path, endpoint.url), {
      method: call.method ?? 'GET',
      headers: {
        ...(endpoint.token === undefined ? {} : { authorization: `Bearer ${endpoint.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      // A redirect would carry the token to wherever it points.
      redirect: 'error',
      signal: AbortSignal.any(signals),
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    call.signal?.throwIfAborted();
    throw unreachable(endpoint.url, error);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** Sends a request and checks its JSON answer. @throws as `send`. */
export async function sendForJson<T>(endpoint: Endpoint, schema: z.ZodType<T>, call: ApiCall): Promise<T> {
  const response = await send(endpoint, call);
  let value: unknown;
  try {
    value = await response.json();
  } catch (error) {
    call.signal?.throwIfAborted();
    throw unreachable(endpoint.url, error);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw notDrover(endpoint.url, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
}

/** A query string with its question mark; undefined values are left out, lists repeat. */
export function queryOf(
  parameters: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (typeof value === 'object') return value.map((item) => [name, item]);
    return [[name, String(value)]];
  });
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}
