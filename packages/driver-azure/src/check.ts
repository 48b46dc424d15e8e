import type { CheckOutcome, CheckResult, CheckSubject } from '@drover/spec';
import { mapError } from './map-error.ts';
import type { AzureSurroundings } from './surroundings.ts';

/** A result of a check; `setting` and `fix` where there is something to change. */
export function result(
  subject: CheckSubject,
  outcome: CheckOutcome,
  message: string,
  mend: { readonly setting?: string; readonly fix?: string } = {},
): CheckResult {
  return { subject, outcome, message, ...mend };
}

/**
 * Runs one check. What it may not look at is skipped, for the driver itself can do without; any other error has failed it. An abort
 * passes through.
 */
export async function attempt(
  subject: CheckSubject,
  around: AzureSurroundings,
  signal: AbortSignal,
  look: () => Promise<readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, fix } = mapError(error, {
      doing: `look at ${subject}`,
      nowMs: around.context.clock.wallMs(),
    });
    const outcome = code === 'CLOUD_AUTH' && subject !== 'credentials' ? 'skipped' : 'failed';
    if (fix === undefined) return [result(subject, outcome, message)];
    // Where something is to be set, the table of errors names it in the fix.
    const setting = /\b(driver|pool|ssh)\.\w+/.exec(fix)?.[0];
    return [result(subject, outcome, message, { fix, ...(setting === undefined ? {} : { setting }) })];
  }
}
