import {
  AuthError,
  CapacityError,
  type CapacityScope,
  type DroverError,
  type DroverErrorOptions,
  InvalidRequestError,
  NotFoundError,
  QuotaError,
  RateLimitError,
  TransientCloudError,
} from '@drover/spec';

/** What an error of a cloud means for the pool: which of spec's classes it becomes. */
export type ErrorMeaning =
  /** `retryAfterMs`: when the cloud says so. */
  | { readonly kind: 'rate-limit'; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'capacity'; readonly scope: CapacityScope }
  | { readonly kind: 'quota' | 'auth' | 'invalid' | 'not-found' | 'transient' };

/** The error of a meaning. */
export function errorOf(meaning: ErrorMeaning, message: string, options: DroverErrorOptions = {}): DroverError {
  switch (meaning.kind) {
    case 'rate-limit': {
      const { retryAfterMs } = meaning;
      return new RateLimitError(message, { ...options, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    }
    case 'capacity':
      return new CapacityError(message, { ...options, scope: meaning.scope });
    case 'quota':
      return new QuotaError(message, options);
    case 'auth':
      return new AuthError(message, options);
    case 'invalid':
      return new InvalidRequestError(message, options);
    case 'not-found':
      return new NotFoundError(message, options);
    case 'transient':
      break;
  }
  return new TransientCloudError(message, options);
}
