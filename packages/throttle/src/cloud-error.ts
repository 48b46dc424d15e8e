import { type CapacityScope, DroverError } from '@drover/spec';

/** What an error of a cloud call means for the pool. */
export type CloudFailure =
  | { readonly kind: 'rate-limit'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'quota' }
  | { readonly kind: 'capacity'; readonly scope: CapacityScope }
  | { readonly kind: 'auth' }
  | { readonly kind: 'invalid-request' }
  | { readonly kind: 'not-found' }
  /** Whether the call took effect is not known. */
  | { readonly kind: 'unknown' };

/** Reads an error by its code, so that errors of another copy of spec are understood too. Anything foreign is `unknown`. */
export function classifyCloudError(error: unknown): CloudFailure {
  if (!DroverError.is(error)) return { kind: 'unknown' };
  switch (error.code) {
    case 'CLOUD_RATE_LIMIT':
      return { kind: 'rate-limit', retryAfterMs: readRetryAfterMs(error) };
    case 'CLOUD_QUOTA':
      return { kind: 'quota' };
    case 'CLOUD_CAPACITY':
      return { kind: 'capacity', scope: readScope(error) };
    case 'CLOUD_AUTH':
      return { kind: 'auth' };
    case 'CLOUD_INVALID_REQUEST':
      return { kind: 'invalid-request' };
    case 'CLOUD_NOT_FOUND':
      return { kind: 'not-found' };
    default:
      return { kind: 'unknown' };
  }
}

/** An Error for whatever was thrown. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

function readRetryAfterMs(error: DroverError): number | undefined {
  return 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
}

function readScope(error: DroverError): CapacityScope {
  const scope = 'scope' in error ? error.scope : undefined;
  return scope === 'all' || scope === 'quota-group' || scope === 'offering' ? scope : 'instance-type';
}
