import type { Invariant } from './invariant.ts';

/** 28 too: once everything has ended that can end, nothing begins again. */
export function staysConverged(hasConverged: () => boolean): Invariant {
  let converged = false;
  const moved = (what: string): string | undefined => (converged ? `all was done, and then ${what}` : undefined);
  return {
    number: 28,
    rule: 'what has converged stays so',
    check: () => {
      const now = hasConverged();
      if (!now && converged) return moved('it was not any more');
      converged = now;
      return undefined;
    },
    onCall: ({ port, operation, subject, changes }) =>
      changes && (port === 'queue' || operation === 'create') ? moved(`came ${operation} ${subject}`) : undefined,
    onRunner: ({ kind, uuid }) => moved(`came ${kind} of ${uuid}`),
    onQueueEvent: ({ kind, uuid }) => moved(`came ${kind} of ${uuid}`),
  };
}
