import { OperationFailure } from '../src/fault.ts';
import { HttpFailure } from '../src/http-failure.ts';

interface Body {
  readonly status: number;
  readonly reason?: string;
  readonly message: string;
  readonly canonical?: string;
  readonly info?: { readonly reason: string; readonly metadata?: Readonly<Record<string, string>> };
}

/** A body as Google's API sends it. */
function bodyOf({ status, reason, message, canonical, info }: Body): string {
  return JSON.stringify({
    error: {
      code: status,
      message,
      errors: reason === undefined ? [] : [{ message, domain: 'usageLimits', reason }],
      ...(canonical === undefined ? {} : { status: canonical }),
      ...(info === undefined
        ? {}
        : {
            details: [
              { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'compute.googleapis.com', ...info },
            ],
          }),
    },
  });
}

/** What the SDK makes of a refusal: for 401 and 403 gaxios's error, whose message is the raw body, else ours; in a GoogleError. */
export function refusal(body: Body, retryAfter?: string): Error {
  const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
  const gaxios = Object.assign(new Error(bodyOf(body)), {
    code: body.status,
    status: body.status,
    response: { headers },
  });
  const cause =
    body.status === 401 || body.status === 403 ? gaxios : new HttpFailure(body.status, bodyOf(body), retryAfter);
  return Object.assign(new Error(body.message, { cause }), { code: 7, httpStatusCode: body.status });
}

/** An operation that ended in this error. */
export function failed(code: string, message = '', more: object = {}): Error {
  return new OperationFailure({ errors: [{ code, message, ...more }] }, undefined, 'it failed');
}

/** A connection that broke, as the SDK reports it. */
export function broken(code: string): Error {
  const system = Object.assign(new Error(`request failed, reason: ${code}`), { code });
  return Object.assign(new Error(system.message, { cause: system }), { code: 14 });
}

/** What the token service answers. */
export function tokenRefused(error: string, description: string): Error {
  return Object.assign(new Error(JSON.stringify({ error, error_description: description })), {
    status: 400,
    code: 400,
    response: { headers: new Headers(), data: { error, error_description: description } },
  });
}
