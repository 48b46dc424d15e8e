import { type CheckResult, type CheckSubject, DroverError, type ErrorCode } from '@drover/spec';

/** What a check looks at: what a driver's own do, and what drover looks at whichever driver it is. */
export type DoctorSubject = CheckSubject | 'config' | 'state' | 'queue' | 'api' | 'runner' | 'driver';

/** What one check has found. */
export interface DoctorCheck extends Omit<CheckResult, 'subject'> {
  readonly subject: DoctorSubject;
  /** Of the error that it ended in. */
  readonly code?: ErrorCode;
}

/** What all checks have found, in their order. */
export interface DoctorReport {
  /** Nothing failed. */
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

/** Everything is as it should be. */
export function ok(subject: DoctorSubject, message: string): DoctorCheck {
  return { subject, outcome: 'ok', message };
}

/** A check that ended in an error. */
export function failed(subject: DoctorSubject, error: unknown, setting?: string): DoctorCheck {
  const message = error instanceof Error ? error.message : String(error);
  const where = setting === undefined ? {} : { setting };
  if (!DroverError.is(error)) return { subject, outcome: 'failed', message, ...where };
  const { code, fix } = error;
  return { subject, outcome: 'failed', message, code, ...where, ...(fix === undefined ? {} : { fix }) };
}
