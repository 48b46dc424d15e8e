import { errorOf, type ErrorMeaning } from '@drover/driver-kit';
import { DroverError } from '@drover/spec';
import { azureTimes } from './azure-options.ts';
import { ruleFor, type Verdict } from './error-rules.ts';
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
  return errorOf(meaningOf(verdict, problem, attempt), message, {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
  });
}

function meaningOf(verdict: Verdict, problem: CloudProblem, { nowMs, inZone }: Attempt): ErrorMeaning {
  switch (verdict) {
    case 'rate-limit':
      return { kind: 'rate-limit', retryAfterMs: holdOf(problem, nowMs) };
    case 'instance-type':
      return { kind: 'capacity', scope: inZone === true ? 'offering' : 'instance-type' };
    case 'quota-group':
    case 'offering':
      return { kind: 'capacity', scope: verdict };
    default:
      return { kind: verdict };
  }
}

function holdOf({ retryAfterMs, throttledUntilMs }: CloudProblem, nowMs: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs;
  return throttledUntilMs === undefined ? azureTimes.rateLimitMs : Math.max(0, throttledUntilMs - nowMs);
}
