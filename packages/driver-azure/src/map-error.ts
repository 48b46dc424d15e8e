import {
  AuthError,
  CapacityError,
  DroverError,
  type DroverErrorOptions,
  InvalidRequestError,
  NotFoundError,
  QuotaError,
  RateLimitError,
  TransientCloudError,
} from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import { ruleFor } from './error-rules.ts';
import { type CloudProblem, parseError } from './parse-error.ts';

/** What was tried when the error came. */
export interface Attempt {
  /** As in "create vm-1". */
  readonly doing: string;
  /** Wall time. */
  readonly nowMs: number;
  /** The request was for one zone: what is missing there may be had in another. */
  readonly inZone?: boolean;
}

/** Turns any error of any verb into one of spec's classes: form by `parseError`, class by the table `errorRules`. */
export function mapError(error: unknown, attempt: Attempt): DroverError {
  if (DroverError.is(error)) return error;
  const problem = parseError(error, attempt.nowMs);
  const { verdict, fix } = ruleFor(problem);
  const message = `azure: cannot ${attempt.doing}: ${problem.code === '' ? '' : `${problem.code}: `}${problem.message}`;
  const options: DroverErrorOptions = { cause: error, ...(fix === undefined ? {} : { fix }) };
  switch (verdict) {
    case 'rate-limit':
      return new RateLimitError(message, { ...options, retryAfterMs: holdOf(problem, attempt.nowMs) });
    case 'quota':
      return new QuotaError(message, options);
    case 'instance-type':
      return new CapacityError(message, { ...options, scope: attempt.inZone === true ? 'offering' : 'instance-type' });
    case 'quota-group':
    case 'offering':
      return new CapacityError(message, { ...options, scope: verdict });
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

function holdOf({ retryAfterMs, throttledUntilMs }: CloudProblem, nowMs: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs;
  return throttledUntilMs === undefined ? azureTimes.rateLimitMs : Math.max(0, throttledUntilMs - nowMs);
}
