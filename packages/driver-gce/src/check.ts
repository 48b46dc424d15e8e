import type { CheckOutcome, CheckResult, CheckSubject, Clock, DroverError, PreflightRequest } from '@drover/spec';
import type { GceParams } from './params.ts';
import type { GcePreflightSdk, SdkCallOptions } from './sdk-subset.ts';

/** What one check has to work with. */
export interface CheckContext {
  readonly request: PreflightRequest;
  readonly params: GceParams;
  readonly sdk: GcePreflightSdk;
  readonly clock: Clock;
  readonly options: SdkCallOptions;
  /** The error in spec's classes, for a message and how to mend it. */
  readonly explain: (error: unknown, doing: string) => DroverError;
}

/** One check: what it is about, and how to look. What it throws is its failure. */
export interface Check {
  readonly subject: CheckSubject;
  /** As in "see the image". */
  readonly doing: string;
  readonly setting: string;
  readonly look: (context: CheckContext) => Promise<readonly CheckResult[]>;
}

/** A check that has failed, with what the error says. */
export function failed(subject: CheckSubject, error: DroverError, setting: string): CheckResult {
  return result(subject, error.retryable ? 'skipped' : 'failed', error.message, setting, error.fix);
}

/** A result with its optional parts. */
export function result(
  subject: CheckSubject,
  outcome: CheckOutcome,
  message: string,
  setting?: string,
  fix?: string,
): CheckResult {
  return {
    subject,
    outcome,
    message,
    ...(setting === undefined ? {} : { setting }),
    ...(fix === undefined ? {} : { fix }),
  };
}
