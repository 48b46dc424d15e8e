import { errorOf as errorOfMeaning, type ErrorMeaning } from '@drover/driver-kit';
import { DroverError } from '@drover/spec';
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
  return errorOfMeaning(meaningOf(classification, facts), message, {
    ...(cause === undefined ? {} : { cause }),
    ...(fix === undefined ? {} : { fix }),
  });
}

function meaningOf(classification: Classification, { retryAfterMs }: SdkErrorFacts): ErrorMeaning {
  switch (classification) {
    case 'rate-limit':
      return { kind: 'rate-limit', retryAfterMs };
    case 'offering':
    case 'instance-type':
    case 'quota-group':
      return { kind: 'capacity', scope: classification };
    default:
      return { kind: classification };
  }
}
