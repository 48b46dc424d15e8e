import type { CheckResult, CheckSubject, DroverError } from '@drover/spec';
import { awsCode } from './error-facts.ts';

/** All is well. */
export function ok(subject: CheckSubject, message: string): CheckResult {
  return { subject, outcome: 'ok', message };
}

/** What an error says, and the setting that its fix names, else this one. A permission that is missing is no fault of the subject's. */
export function failed(subject: CheckSubject, error: DroverError, setting: string): CheckResult {
  const isPermission = awsCode(error.cause) === 'UnauthorizedOperation';
  const named = /\b(?:driver|pool|ssh)\.[A-Za-z]+/.exec(error.fix ?? '')?.[0];
  return {
    subject: isPermission ? 'permissions' : subject,
    outcome: 'failed',
    message: `${error.message.replace(/^ec2: /, 'EC2: ')}.`,
    setting: named ?? setting,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}

/** Resolves when EC2 says that the call would have been done. */
export async function dryRun(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (awsCode(error) !== 'DryRunOperation') throw error;
  }
}
