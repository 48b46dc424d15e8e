import { errorBodyHeader } from './keep-error-policy.ts';

/** What an error of the SDK says, whatever its form. */
export interface CloudProblem {
  /** Azure's own word for it; of the system (`ECONNRESET`) or of the SDK where Azure said nothing; may be empty. */
  readonly code: string;
  readonly message: string;
  /** HTTP status; undefined when there was no answer, or when a long-running operation failed. */
  readonly status: number | undefined;
  /** The parameter that Azure complains about. */
  readonly target: string;
  /** From the header; undefined without. */
  readonly retryAfterMs: number | undefined;
  /** End of a throttled period as the details of a 429 give it, wall time. */
  readonly throttledUntilMs: number | undefined;
  /** It came from the sign-in, not from Resource Manager. */
  readonly isSignIn: boolean;
}

/** How the SDK words a long-running operation that failed: an error without code, everything is in its text. */
const operationFailed = /^The long-running operation has failed\. (\w+)\. ([\s\S]*)$/;
const signInErrors =
  /^(AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError|CredentialUnavailableError)$/;

/** Reads an error; never throws. `nowMs` is wall time, to turn dates into durations. */
export function parseError(error: unknown, nowMs: number): CloudProblem {
  const message = error instanceof Error ? error.message : String(error);
  const [, operationCode, operationMessage] = operationFailed.exec(message) ?? [];
  const answered = at(parseJson(headerOf(error, errorBodyHeader)), 'error');
  const inner = list(at(answered, 'details'))[0];
  return {
    code: operationCode ?? text(at(answered, 'code')) ?? text(at(error, 'code')) ?? '',
    message: operationMessage ?? message,
    status: number(at(error, 'statusCode')),
    target: text(at(answered, 'target')) ?? text(at(inner, 'target')) ?? '',
    retryAfterMs: retryAfterOf(error, nowMs),
    throttledUntilMs: endTimeOf(text(at(inner, 'message'))),
    isSignIn: error instanceof Error && signInErrors.test(error.name),
  };
}

function retryAfterOf(error: unknown, nowMs: number): number | undefined {
  const value = headerOf(error, 'retry-after');
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** A header of the answer that the error came with; empty without. */
function headerOf(error: unknown, name: string): string {
  const headers = at(error, 'response', 'headers');
  const value = hasGet(headers) ? headers.get(name) : undefined;
  return typeof value === 'string' ? value : '';
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Microsoft.Compute puts JSON into the message of a detail. */
function endTimeOf(message: string | undefined): number | undefined {
  const [, endTime = ''] = /"endTime":\s*"([^"]+)"/.exec(message ?? '') ?? [];
  const atMs = Date.parse(endTime);
  return Number.isNaN(atMs) ? undefined : atMs;
}

function hasGet(value: unknown): value is { get(name: string): unknown } {
  return typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function';
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, key);
  }
  return here;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
