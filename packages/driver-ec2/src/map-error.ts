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
import { type Classification, classify } from './error-classes.ts';
import { factsOf, type SdkErrorFacts } from './error-facts.ts';
import { fixFor } from './error-fixes.ts';

/** What was tried when an error came. */
export interface ErrorContext {
  /** As in "create 3 VMs". */
  readonly doing: string;
  /** Another subnet could be tried: what is wrong with this one alone rules out this offering only. */
  readonly hasOtherSubnets?: boolean;
}

/** Turns any error of any call into one of spec's classes. The whole table is in `map-error.test.ts`. */
export function mapError(error: unknown, context: ErrorContext): DroverError {
  if (DroverError.is(error)) return error;
  const facts = factsOf(error);
  return errorOf(classify(facts, context.hasOtherSubnets === true), facts, context.doing, error);
}

/** Makes an error of a class. */
export function errorOf(
  classification: Classification,
  facts: SdkErrorFacts,
  doing: string,
  cause?: unknown,
): DroverError {
  const shown = facts.code === '' ? facts.message : `${facts.message} (${facts.code})`;
  const message = `ec2: cannot ${doing}: ${shown}`;
  const fix = fixFor(facts, classification);
  const options: DroverErrorOptions = {
    ...(cause === undefined ? {} : { cause }),
    ...(fix === undefined ? {} : { fix }),
  };
  switch (classification) {
    case 'rate-limit':
      return new RateLimitError(message, {
        ...options,
        ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
      });
    case 'quota':
      return new QuotaError(message, options);
    case 'auth':
      return new AuthError(message, options);
    case 'invalid':
      return new InvalidRequestError(message, options);
    case 'not-found':
      return new NotFoundError(message, options);
    case 'offering':
    case 'instance-type':
    case 'quota-group':
      return new CapacityError(message, { ...options, scope: classification });
    case 'transient':
      break;
  }
  return new TransientCloudError(message, options);
}
